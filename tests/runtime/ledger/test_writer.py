"""The thread that writes: whatever breaks it, nobody is left waiting."""

import asyncio
import sqlite3

import pytest

from callsheet.runtime.ledger import LedgerError
from callsheet.runtime.ledger.writer import ThreadWriter


class Vanished(sqlite3.Connection):
    def execute(self, *_: object) -> sqlite3.Cursor:
        raise OSError("the device is gone")


def test_nobody_waits_for_a_writer_that_broke() -> None:
    async def two_writes() -> None:
        writer = ThreadWriter(sqlite3.connect(":memory:", check_same_thread=False, factory=Vanished))
        for _ in range(2):
            with pytest.raises(LedgerError, match="the device is gone"):
                await writer.write(lambda connection: 1)
        await writer.close()

    asyncio.run(asyncio.wait_for(two_writes(), timeout=60))
