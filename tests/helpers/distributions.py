"""Installed packages that bring a notifier, as far as Python needs them: a module, and its entry point."""

from pathlib import Path


def install(folder: Path, distribution: str, module: str, source: str, entry: str) -> None:
    """Puts the package into a folder, which is yet to be put on `sys.path`."""
    (folder / f"{module}.py").write_text(source)
    info = folder / f"{distribution}-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[checkpoint.notifiers]\n{entry}\n")
