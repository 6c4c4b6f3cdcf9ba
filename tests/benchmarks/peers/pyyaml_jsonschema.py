"""The floor for `rota validate`: PyYAML's fastest loader and jsonschema over the same files, and nothing else.

Timed without the start of Python and the imports, which are part of Rota's time.
"""

import json
import time
from pathlib import Path

import jsonschema
import yaml

from tests.benchmarks import script, written

SCHEMA = Path(__file__).parents[3] / "schemas" / "configuration-1.json"


def main() -> None:
    """Load and check every file, answer."""
    asked = script.arguments("files")
    folder = written.write(asked.folder / "large", jobs=asked.jobs, files=asked.files)
    begun = time.process_time()
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
    errors = 0
    for path in sorted(folder.rglob("*.yaml")):
        with path.open() as file:
            document = yaml.load(file, Loader=yaml.CSafeLoader)
        errors += len(list(validator.iter_errors(document)))
    spent = time.process_time() - begun
    script.require(errors, 0, "errors in the files")
    settings = f"{script.named('pyyaml')} CSafeLoader, {script.named('jsonschema')}"
    script.answer(f"{settings}: {script.counted(asked.files, 'file')}", validate=spent * 1000)


if __name__ == "__main__":
    script.run(main)
