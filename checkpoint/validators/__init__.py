from pathlib import Path  # in a wheel the validators lie here; in a checkout they stand at the top level

if (_checkout := Path(__file__).parents[2] / "validators").is_dir() and not (_checkout / "__init__.py").exists():
    __path__.append(str(_checkout))
