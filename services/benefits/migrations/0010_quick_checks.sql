-- The checks at every commit, asked so that no plan reads a whole table: of an EXISTS PostgreSQL would make a hash of every
-- transfer there is, as long as it believes that there are few.
CREATE OR REPLACE VIEW i7_orders_unlike_the_ledger AS
    SELECT o.id
      FROM orders o
      LEFT JOIN transfers r ON r.pending_id = o.reservation_id AND r.kind IN ('post', 'void')
     WHERE coalesce(r.kind, 'none') <> CASE
           WHEN o.state IN ('granted', 'too_late', 'reversal_sent', 'reversed', 'reversal_failed', 'written_off')
           THEN 'post'
           WHEN o.state IN ('rejected', 'cancelled') THEN 'void'
           ELSE 'none' END
        OR (r.kind = 'post' AND r.amount <> o.amount)
        OR (o.state = 'reversed') <> ((SELECT true FROM transfers b WHERE b.reverses = r.id LIMIT 1) IS TRUE);
