"""Every question to a repository and every change of one, through the git command."""
