"""Who may draw how much: pure limits and the append-only ledger."""
