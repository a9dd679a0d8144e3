"""Whether the account of credits is right: its rows against jobs, sums and grants.

Each proof is one statement, so a bot that runs meanwhile makes no difference.
"""

from bot.database import Database

SHOWN = 3
"""How many examples a line names."""

PROOFS = {
    "jobs whose reservation is not their price": """
        SELECT j.id FROM jobs j LEFT JOIN (
            SELECT job_id, SUM(amount) AS cost FROM ledger WHERE kind = 'reserve' GROUP BY job_id
        ) l ON l.job_id = j.id WHERE l.cost IS NOT j.cost""",
    "jobs that only the ledger knows": """
        SELECT DISTINCT job_id FROM ledger WHERE job_id NOT IN (SELECT id FROM jobs)""",
    "pictures that were not reserved once, or cost less than nothing": """
        SELECT job_id || '/' || picture FROM ledger_pictures
        WHERE reserved <> 1 OR left < 0 OR granted NOT BETWEEN 0 AND left OR places <> 1""",
    "jobs that are not over, with credits given back": """
        SELECT DISTINCT id FROM jobs JOIN ledger_pictures ON job_id = id
        WHERE state IN ('waiting', 'drawing') AND ended > 0""",
    "jobs that are over, and not settled": """
        SELECT DISTINCT id FROM jobs JOIN ledger_pictures ON job_id = id
        WHERE state IN ('drawn', 'delivered', 'cancelled') AND ended = 0""",
    "failed jobs that cost something": """
        SELECT DISTINCT id FROM jobs JOIN ledger_pictures ON job_id = id
        WHERE state = 'failed' AND left <> 0""",
    "sums that the rows do not add up to": """
        SELECT s.slot || ' ' || s.account || ' ' || s.chat FROM ledger_sums s
        LEFT JOIN totals t USING (slot, account, chat)
        WHERE t.used IS NOT s.used AND s.slot >= COALESCE(
            (SELECT value FROM facts WHERE name = 'totals_since'), '')
        UNION ALL
        SELECT t.slot || ' ' || t.account || ' ' || t.chat FROM totals t
        LEFT JOIN ledger_sums s USING (slot, account, chat)
        WHERE s.used IS NULL AND t.used <> 0""",
    "grants that have something else left than was not used": """
        SELECT 'grant ' || number FROM grants g WHERE left <> amount - (
            SELECT COALESCE(SUM(u.amount), 0) FROM grant_uses u WHERE u.grant_number = g.number)""",
    "pictures that grants paid otherwise than the ledger says": """
        SELECT p.job_id || '/' || p.picture FROM ledger_pictures p LEFT JOIN (
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
    found = []
    for what, query in PROOFS.items():
        if rows := await database.rows(query):
            more = " …" if len(rows) > SHOWN else ""
            examples = ", ".join(str(row[0]) for row in rows[:SHOWN])
            found.append(f"{len(rows)} {what}: {examples}{more}")
    return found


async def entries(database: Database) -> int:
    """How many rows the ledger has."""
    (row,) = await database.rows("SELECT COUNT(*) FROM ledger")
    return int(row[0])
