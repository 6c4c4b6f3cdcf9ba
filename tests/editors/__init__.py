"""An editor's session with the schemas, through the language server that editors start."""
