"""A git-backed plan that proves what agents and people say they have done."""

__version__ = "0.1.0"

DEFAULT_PLAN = "plan.md"
