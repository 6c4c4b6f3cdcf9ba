"""An editor's session with the schemas: `python -m tests.editors`. It needs Node.js with npm; no test run calls it."""
