-- An order that has rested long enough is ready and sent in one breath: both steps of the table (model/saga.py), and one
-- version of the row. What is asked of a link before anything is sent there is asked all the same.
INSERT INTO order_transitions VALUES ('reserved', 'sent');
DROP TRIGGER link_fit ON orders;
CREATE TRIGGER link_fit BEFORE UPDATE OF state ON orders
    FOR EACH ROW WHEN (OLD.state IN ('reserved', 'queued') AND NEW.state = 'sent')
    EXECUTE FUNCTION refuse_order_to_unfit_link();
