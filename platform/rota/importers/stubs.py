"""Python modules of method stubs, for jobs whose code cannot come along. Used by the importers of foreign methods."""

from __future__ import annotations

from rota.importers.naming import Names, identifier


class Stubs:
    """Collects foreign methods and gives each a module and a function; the same method gets the same function.

    `signature` is what stands between the parentheses of each function.
    """

    def __init__(self, package: str, signature: str = "") -> None:
        self.package = package
        self._signature = signature
        self._modules: dict[str, tuple[str, Names]] = {}
        self._module_names = Names("_")
        self._functions: dict[str, dict[str, str]] = {}
        self._methods: dict[str, str] = {}

    def method(self, original: str, module: str, function: str) -> str:
        """The `module:function` that stands for the foreign method `original`."""
        if original not in self._methods:
            if module not in self._modules:
                self._modules[module] = self._module_names.take(identifier(module, otherwise="module")), Names("_")
            python_module, names = self._modules[module]
            name = names.take(identifier(function, otherwise="function"))
            self._functions.setdefault(python_module, {})[name] = original
            self._methods[original] = f"{self.package}.{python_module}:{name}"
        return self._methods[original]

    def files(self) -> dict[str, str]:
        """The package's files by their paths; none if no method was asked for."""
        if not self._functions:
            return {}
        package = {f"{self.package}/__init__.py": '"""Methods of imported jobs, to be filled in."""\n'}
        modules = {
            f"{self.package}/{module}.py": self._text(names) for module, names in sorted(self._functions.items())
        }
        return package | modules

    def _text(self, functions: dict[str, str]) -> str:
        parts = ['"""Methods of imported jobs, to be filled in: each raises until its body is written."""\n']
        for name, original in functions.items():
            head = f"def {name}({self._signature}) -> None:"
            parts.append(f"\n\n{head}\n    raise NotImplementedError({original!r})\n")
        return "".join(parts)
