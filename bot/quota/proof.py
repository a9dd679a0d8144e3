"""Whether the account of credits is right: its rows against jobs, sums and grants.

Everything is read in one transaction, so a bot that runs meanwhile is no difference.
"""

from bot.database import Database, Transaction

SHOWN = 3
"""How many examples a line names."""

_PICTURES = """WITH pictures AS (
    SELECT job_id, picture, SUM(amount) AS left, SUM(granted) AS granted,
        SUM(kind = 'reserve') AS reserved, SUM(kind <> 'reserve') AS ended,
        COUNT(DISTINCT account || ' ' || chat || ' ' || day || ' ' || hour) AS places
    FROM ledger GROUP BY job_id, picture)
"""
_SUMS = """WITH sums (slot, account, chat, used) AS (
    SELECT day, account, '', SUM(amount - granted) FROM ledger GROUP BY 1, 2
    UNION ALL SELECT hour, account, '', SUM(amount - granted) FROM ledger GROUP BY 1, 2
    UNION ALL SELECT day, account, chat, SUM(amount - granted) FROM ledger GROUP BY 1, 2, 3
    UNION ALL SELECT hour, account, chat, SUM(amount - granted) FROM ledger GROUP BY 1, 2, 3
    UNION ALL SELECT day, '', chat, SUM(amount) FROM ledger GROUP BY 1, 3
    UNION ALL SELECT hour, '', chat, SUM(amount) FROM ledger GROUP BY 1, 3
    UNION ALL SELECT day, '', '', SUM(amount) FROM ledger GROUP BY 1
    UNION ALL SELECT hour, '', '', SUM(amount) FROM ledger GROUP BY 1)
"""

PROOFS = {
    "jobs whose reservation is not their price": """
        SELECT j.id FROM jobs j LEFT JOIN (
            SELECT job_id, SUM(amount) AS cost FROM ledger WHERE kind = 'reserve' GROUP BY job_id
        ) l ON l.job_id = j.id WHERE l.cost IS NOT j.cost""",
    "rows of jobs that are not there": """
        SELECT DISTINCT job_id FROM ledger WHERE job_id NOT IN (SELECT id FROM jobs)""",
    "pictures that were not reserved once, or cost less than nothing": _PICTURES
    + """SELECT job_id || '/' || picture FROM pictures
        WHERE reserved <> 1 OR left < 0 OR granted < 0 OR granted > left OR places <> 1""",
    "jobs that are not over, with credits given back": _PICTURES
    + """SELECT DISTINCT id FROM jobs JOIN pictures ON job_id = id
        WHERE state IN ('waiting', 'drawing') AND ended > 0""",
    "jobs that are over, and not settled": _PICTURES
    + """SELECT DISTINCT id FROM jobs JOIN pictures ON job_id = id
        WHERE state IN ('drawn', 'delivered', 'cancelled') AND ended = 0""",
    "failed jobs that cost something": _PICTURES
    + """SELECT DISTINCT id FROM jobs JOIN pictures ON job_id = id
        WHERE state = 'failed' AND left <> 0""",
    "sums that the rows do not add up to": _SUMS
    + """SELECT s.account || ' ' || s.chat || ' ' || s.slot FROM sums s LEFT JOIN totals t
            USING (slot, account, chat)
        WHERE t.used IS NOT s.used AND s.slot >= (SELECT COALESCE(MIN(slot), '') FROM totals)
        UNION ALL SELECT t.account || ' ' || t.chat || ' ' || t.slot FROM totals t
            LEFT JOIN sums s USING (slot, account, chat)
        WHERE s.used IS NULL AND t.used <> 0""",
    "grants that have something else left than was not used": """
        SELECT 'grant ' || number FROM grants g WHERE left <> amount -
            (SELECT COALESCE(SUM(u.amount), 0) FROM grant_uses u WHERE u.grant_number = g.number)""",
    "pictures that grants paid otherwise than the ledger says": _PICTURES
    + """SELECT p.job_id || '/' || p.picture FROM pictures p LEFT JOIN (
            SELECT job_id, picture, SUM(amount) AS paid FROM grant_uses GROUP BY 1, 2
        ) u USING (job_id, picture) WHERE COALESCE(u.paid, 0) <> p.granted""",
}
"""What is wrong, and the query that finds it: one row for each case."""


async def faults(database: Database) -> list[str]:
    """One line for each kind of fault, with how many there are and the first few; none: all is
    right.

    Raises:
        StoreError: the database cannot be read.
    """
    async with database.transaction() as t:
        found = [await _fault(t, what, query) for what, query in PROOFS.items()]
    return [line for line in found if line]


async def entries(database: Database) -> int:
    """How many rows the ledger has."""
    row = await database.row("SELECT COUNT(*) FROM ledger")
    return int(row[0]) if row else 0


async def _fault(t: Transaction, what: str, query: str) -> str:
    rows = await t.rows(query)
    if not rows:
        return ""
    more = " …" if len(rows) > SHOWN else ""
    return f"{len(rows)} {what}: {', '.join(str(row[0]) for row in rows[:SHOWN])}{more}"
