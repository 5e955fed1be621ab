-- SQLite lists the words of the memory here; PostgreSQL finds those with the same beginning itself.
SELECT 1;
