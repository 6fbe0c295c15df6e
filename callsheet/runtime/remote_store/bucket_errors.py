"""Why a bucket does not do what it is asked: which errors waiting helps against, and what is told of them."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterable, Iterator
from typing import Final

from callsheet.nodes.redact import redacted, secrets_in_environment
from callsheet.runtime.remote_store.backend import Missing, Refusing, Unreachable
from callsheet.spec import disk_errors as disk

RIGHTS: Final = "the key needs the right to list, read and write there; docs/scale.md has a policy"
NAMES: Final = "correct it (--store, CALLSHEET_STORE, `store` in callsheet.toml), or make the bucket first"
LASTING: Final = (PermissionError, ValueError, TypeError, LookupError, AttributeError, NotImplementedError)
"""What waiting does not help against."""
LASTING_BY_NAME: Final = {
    "NoCredentialsError",
    "PartialCredentialsError",
    "CredentialRetrievalError",
    "TokenRetrievalError",
    "SSOError",
    "ProfileNotFound",
    "ParamValidationError",
    "DefaultCredentialsError",
    "RefreshError",
    "ClientAuthenticationError",
}
"""Likewise, of libraries that are not imported: classes of botocore, google-auth and azure-core."""
LASTING_NUMBERS: Final = {*disk.FULL, *disk.REFUSED, errno.ENOSYS, errno.EINVAL}


@contextlib.contextmanager
def explained(title: str, what: str, secrets: Iterable[str]) -> Iterator[None]:
    """Turns whatever a file system raises into Missing, Unreachable or Refusing.

    title: of the store. what: is done with it, "read" or "written". secrets: texts that are not told.
    """
    try:
        yield
    except Exception as error:
        said = f"{title} cannot be {what}: {words_of(error, secrets)}"
        if _is_absent(error) or (isinstance(error, FileNotFoundError) and what == "written"):
            raise Refusing(said, NAMES) from error
        if isinstance(error, FileNotFoundError):
            raise Missing(f"{title} does not have it") from error
        raise (Refusing(said, RIGHTS) if _lasts(error) else Unreachable(said)) from error


def words_of(error: Exception, secrets: Iterable[str]) -> str:
    """The message of a file system on one line, without keys."""
    words = " ".join("".join(c if c.isprintable() else " " for c in str(error)).split())
    return redacted(words, (*secrets, *secrets_in_environment()))[:300] or type(error).__name__


def _lasts(error: Exception) -> bool:
    """Whether it will be the same in a minute."""
    if isinstance(error, LASTING) or any(kind.__name__ in LASTING_BY_NAME for kind in type(error).__mro__):
        return True
    return isinstance(error, OSError) and error.errno in LASTING_NUMBERS


def _is_absent(error: Exception) -> bool:
    """Whether there is no such bucket at all, as S3 says it."""
    return type(error.__cause__).__name__ == "NoSuchBucket"
