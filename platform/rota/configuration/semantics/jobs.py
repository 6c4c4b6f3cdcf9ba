"""Rules of one job: method and modules, executor, parameters, limits."""

from __future__ import annotations

from rota.configuration.codes import Code
from rota.configuration.declared import EXECUTORS, MODULES, Declared, DeclaredJob
from rota.configuration.document import Findings
from rota.configuration.resolve import COMMAND, JOB_KEYS, executor_kinds
from rota.configuration.semantics.values import check_duration, check_executor_name, check_retry
from rota.configuration.wording import closest
from rota.model.method import MethodName

SURROUNDINGS = ("environment", "working_directory", "ok_exit_codes")
"""What only a command can have."""


def check_job(job: DeclaredJob, declared: Declared, findings: Findings) -> None:
    """Add what is wrong with one job, its schedule and name aside."""
    _check_method(job, declared, findings)
    _check_executor(job, declared, findings)
    if COMMAND in job.body and "parameters" in job.body:
        message = "a command takes no parameters"
        hint = "put them into the command as arguments"
        findings.add(job.document, (*job.path, "parameters"), Code.COMMAND_PARAMETERS, message, hint=hint, at_key=True)
    _check_surroundings(job, findings)
    check_retry(job.body.get("retry"), job.document, (*job.path, "retry"), findings)
    check_duration(job.body.get("timeout"), job.document, (*job.path, "timeout"), findings, positive=True)
    if _never_starts(job):
        message = "is predefined and in use, but has no schedule: it never starts by itself"
        hint = "give it a schedule, or predefined: false to make jobs of it by hand"
        findings.add(job.document, job.path, Code.NEVER_STARTS, message, hint=hint, severity="warning", at_key=True)


def _check_method(job: DeclaredJob, declared: Declared, findings: Findings) -> None:
    text, path = job.text("method"), (*job.path, "method")
    try:
        method = MethodName.parse(text or "")
    except ValueError:
        return
    if not method.is_public:
        message = f"{text} is private: a name in it starts with an underscore"
        findings.add(job.document, path, Code.METHOD_PRIVATE, message)
    elif not method.is_allowed(declared.modules) and declared.header_document is not None:
        close = closest(method.module, declared.modules)
        hint = close or f"add {method.module.partition('.')[0]} to configuration.modules"
        message = f"the module {method.module} is not among the configuration's modules"
        findings.add(job.document, path, Code.METHOD_NOT_ALLOWED, message, hint=hint, rests_on=[MODULES])


def _check_executor(job: DeclaredJob, declared: Declared, findings: Findings) -> None:
    name, path = job.text("executor"), (*job.path, "executor")
    if name is None or declared.header_document is None:
        return
    kinds = executor_kinds(declared.section("executors"))
    is_command, has_method = COMMAND in job.body, "method" in job.body
    if not check_executor_name(name, kinds, job.document, path, findings) or is_command == has_method:
        return
    if kinds[name] and (kinds[name] == COMMAND) is not is_command:
        what, needed = ("a command", "command") if is_command else ("a method", "process, thread or async")
        message = f"the executor {name} is of kind {kinds[name]} and cannot run {what}"
        hint = f"name an executor of kind {needed}, or leave the key out"
        findings.add(job.document, path, Code.EXECUTOR_KIND, message, hint=hint, rests_on=[(*EXECUTORS, name)])


def _check_surroundings(job: DeclaredJob, findings: Findings) -> None:
    if "method" not in job.body:
        return
    for key in SURROUNDINGS:
        if key in job.body:
            findings.add(job.document, (*job.path, key), Code.COMMAND_ONLY, "only a command has this", at_key=True)


def _never_starts(job: DeclaredJob) -> bool:
    body = job.body
    runs_something = "method" in body or COMMAND in body
    is_on = body.get("use", True) is True and body.get("predefined", True) is True
    is_understood = body.keys() <= JOB_KEYS  # a key that is none may be a slip for the one that is missed here
    return runs_something and is_on and is_understood and "schedule" not in body
