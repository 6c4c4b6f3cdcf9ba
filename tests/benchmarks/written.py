"""Writes a large configuration: many different jobs in one file or in many. Called by the scripts of `configuration-*`.

It imports nothing of Rota, since the peers' side needs it too.
"""

from pathlib import Path

_HEADER = "rota: 1\nconfiguration:\n  name: large\n  modules: [bench_jobs]\n  timezone: Europe/Berlin\n"
_JOB = """\
  job-{number}:
    description: Job number {number}
    method: bench_jobs:nothing
    parameters: {{number: {number}}}
    key: k{number}
    use: {use}
    retry: {{count: 3, interval: 30s}}
    schedule:
      days_repeat_period: {period}
      week_days: [mon, tue]
      begin_time: "{hour:02}:{minute:02}"
"""


def write(folder: Path, *, jobs: int, files: int) -> Path:
    """The configuration's folder, with the header in a file of its own."""
    (folder / "jobs").mkdir(parents=True)
    (folder / "rota.yaml").write_text(_HEADER)
    for file in range(files):
        numbers = range(file * jobs // files, (file + 1) * jobs // files)
        text = "rota: 1\njobs:\n" + "\n".join(_job(number) for number in numbers)
        (folder / "jobs" / f"{file:03}.yaml").write_text(text)
    return folder


def _job(number: int) -> str:
    use = "false" if number % 7 == 0 else "true"
    return _JOB.format(number=number, use=use, period=number % 3 + 1, hour=number % 24, minute=number % 60)
