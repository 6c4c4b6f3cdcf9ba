"""What the jobs of sample do: ordinary functions that do not know when they run."""

from pathlib import Path

from rota import current_job


def greet(name: str) -> str:
    """What it prints is kept with the job, what it returns is the job's result."""
    greeting = f"Hello, {name}!"
    print(greeting)
    return greeting


def count_files(folder: str) -> int:
    """An exception fails the run: FileNotFoundError where there is no such folder."""
    files = sorted(path for path in Path(folder).iterdir() if path.is_file())
    for done, file in enumerate(files, start=1):
        current_job.progress(done / len(files), file.name)
    return len(files)
