"""Recipes in git: named by repository and ref, fetched at one commit, pinned in the lock."""
