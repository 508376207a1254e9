from checkpoint.cli import entry

entry()
