"""From a result to its files in the store: nothing that the file's host, a decoder or a type says ends it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from callsheet import failpoints
from callsheet.errors import NodeError
from callsheet.nodes.queue.protocol import IN_REPLY, ModelFailed, QueueError
from callsheet.runtime.calls.patience import Patience
from callsheet.runtime.calls.questions import Questions, accepted, as_trouble, without_secrets
from callsheet.runtime.calls.result_files import ExpectedFile, ResultFiles
from callsheet.runtime.calls.store_files import Stopped
from callsheet.runtime.ledger import Attempt, Change, Kept

FEW: Final = 5
"""Times that a file is missed which the pipeline does not use: then the result counts without it."""


class FileFetcher:
    """Fetches the files of results from one provider."""

    def __init__(self, questions: Questions, files: ResultFiles) -> None:
        self.questions = questions
        self.files = files

    async def fetch(self, attempt: Attempt) -> tuple[Attempt, Sequence[Kept]]:
        """The files of a RESULT, and the attempt as it is then: where they cannot be had, the provider is
        asked for the result again.

        Raises ModelFailed when by its word there is nothing, QueueError when this run asks no more.
        """
        patience = self.questions.patience(attempt)
        spare = Patience(replace(self.questions.retry, gone=FEW))
        done: dict[str, Kept] = {}
        stopped: set[str] = set()
        while True:
            files: Sequence[ExpectedFile] = ()
            try:
                files = sorted(self.files.expected(attempt, stopped), key=lambda file: not file.needed)
                for file in files:
                    if file.url not in done:
                        done[file.url] = await self._file(file)
                return attempt, _kept(files, done)
            except Stopped as error:
                stopped.add(error.place)
            except ModelFailed:
                raise
            except NodeError as error:
                trouble = as_trouble(error)
                here = bool(files) and all(file.url in done for file in files if file.needed)
                enough = here and not trouble.passing
                try:
                    await self.questions.pause_after(attempt, trouble, spare if enough else patience)
                except QueueError:
                    if enough:
                        return attempt, _kept(files, done)
                    raise
                attempt = await self._renewed(attempt, trouble)

    async def restore(self, attempt: Attempt) -> None:
        """Fetch the files of a COMMITTED attempt again that are gone from the store.

        Raises QueueError when they cannot be had any more, or for now.
        """
        lost = [k for k in await self.questions.ledger.kept(attempt.id) if not await self.files.holds(k)]
        patience = self.questions.patience(attempt)
        while lost:
            try:
                await self._restored(attempt, lost)
                lost = []
            except NodeError as error:
                trouble = as_trouble(error)
                await self.questions.pause_after(attempt, trouble, patience)
                attempt = replace(attempt, result=await self._given_again(attempt, trouble))

    async def _restored(self, attempt: Attempt, lost: Sequence[Kept]) -> None:
        files = {file.place: file for file in self.files.named(attempt)}
        for one in lost:
            if one.place not in files:
                raise QueueError(f"the result no longer names {one.place}", "unavailable")
            again = await self._file(replace(files[one.place], checked=False))
            if again.digest != one.digest:
                raise QueueError(f"another file comes for {one.place} now", "unavailable")

    async def _file(self, file: ExpectedFile) -> Kept:
        """Fetch one file and keep it. Raises NodeError."""
        path = self.files.download_path(file)
        await self.questions.queue.download(file.url, path)
        failpoints.reach("call.after_download")
        kept = await self.files.keep(file, path)
        failpoints.reach("call.after_keep")
        return kept

    async def _renewed(self, attempt: Attempt, trouble: QueueError) -> Attempt:
        """The attempt with the result as the provider gives it now, if that can be used at all."""
        raw = await self._given_again(attempt, trouble)
        if raw == attempt.result:
            return attempt
        try:
            self.files.expected(replace(attempt, result=raw))
        except NodeError:
            return attempt
        change = Change(result=raw)
        return await self.questions.ledger.advance(attempt.id, "RESULT", change, before="RESULT")

    async def _given_again(self, attempt: Attempt, trouble: QueueError) -> str:
        """The raw result, asked for once more where what it led to was not there or of no use: its URLs may
        have been for a time only. What the provider says now takes nothing back that it gave before."""
        if trouble.passing or attempt.response_url == IN_REPLY:
            return attempt.result
        try:
            result = await self.questions.queue.result(attempt.endpoint, accepted(attempt))
        except NodeError:
            return attempt.result
        return without_secrets(attempt, result.raw)


def _kept(files: Sequence[ExpectedFile], done: dict[str, Kept]) -> list[Kept]:
    return [replace(done[file.url], place=file.place) for file in files if file.url in done]
