// What changes in the record is noted inside the transaction that changes it.

export const WITNESS = `
CREATE TEMP TABLE moves (
  seq INTEGER PRIMARY KEY, id, was, is_now, was_fence, fence, was_op, op, was_lease, lease, run_at, was_run_at,
  was_attempts, attempts, max_attempts, was_losses, losses, progress, code, was_row, row, was_line, line
);
CREATE TEMP TRIGGER witness AFTER UPDATE ON main.jobs
WHEN old.op <> new.op OR old.status <> new.status OR old.fence <> new.fence
  OR old.completed_at IS NOT new.completed_at OR old.result IS NOT new.result
  OR old.lease_until IS NOT new.lease_until
BEGIN
  INSERT INTO moves (id, was, is_now, was_fence, fence, was_op, op, was_lease, lease, run_at, was_run_at,
    was_attempts, attempts, max_attempts, was_losses, losses, progress, code, was_row, row, was_line, line) VALUES (
    new.id, old.status, new.status, old.fence, new.fence, old.op, new.op, old.lease_until, new.lease_until,
    new.run_at, old.run_at, old.attempts, new.attempts, new.max_attempts, old.losses, new.losses,
    new.progress, new.last_error ->> 'code',
    json_array(old.result, old.attempts, old.fence, old.completed_at, old.history),
    json_array(new.result, new.attempts, new.fence, new.completed_at, new.history),
    old.held_by, new.held_by
  );
END;
CREATE TEMP TABLE burials (id, fence, failed_at);
CREATE TEMP TRIGGER undertaker AFTER UPDATE ON main.dead_letters
WHEN old.buried_at IS NULL AND new.buried_at IS NOT NULL
BEGIN
  INSERT INTO burials VALUES (new.id, new.fence, new.failed_at);
END;
CREATE TEMP TABLE births (id, status, queue, unique_key, created_at, run_at, held_by, tenant, concurrency_key,
  depends_on, on_failure, gates);
CREATE TEMP TRIGGER midwife AFTER INSERT ON main.jobs
BEGIN
  INSERT INTO births VALUES (new.id, new.status, new.queue, new.unique_key, new.created_at, new.run_at, new.held_by,
    new.tenant, new.concurrency_key, new.depends_on, new.on_failure, new.gates);
END;
CREATE TEMP TABLE lines (id, was, is_now, status, rank);
CREATE TEMP TRIGGER usher AFTER UPDATE ON main.jobs WHEN old.held_by IS NOT new.held_by
BEGIN
  INSERT INTO lines VALUES (new.id, old.held_by, new.held_by, new.status, new.created_at + new.priority * 600000);
END;
CREATE TEMP TABLE checkpoints (id, status, fence);
CREATE TEMP TRIGGER bookmark AFTER INSERT ON main.bodies WHEN new.kind = 'checkpoint'
BEGIN
  INSERT INTO checkpoints SELECT id, status, fence FROM jobs WHERE id = new.job_id;
END;
CREATE TEMP TRIGGER bookmark_again AFTER UPDATE ON main.bodies WHEN new.kind = 'checkpoint'
BEGIN
  INSERT INTO checkpoints SELECT id, status, fence FROM jobs WHERE id = new.job_id;
END;
CREATE TEMP TABLE breaches (rule, id);
CREATE TEMP TRIGGER relapse AFTER UPDATE ON main.bodies
WHEN new.kind = 'checkpoint' AND new.body ->> 'step' < old.body ->> 'step'
BEGIN
  INSERT INTO breaches VALUES ('older checkpoint', new.job_id);
END;
CREATE TEMP TRIGGER exhumer AFTER UPDATE ON main.dead_letters
WHEN old.buried_at IS NOT NULL AND old.fence IS new.fence
BEGIN
  INSERT INTO breaches VALUES ('archived letter changed', new.id);
END;
CREATE TEMP TRIGGER ebb AFTER UPDATE ON main.sweep WHEN new.watermark < old.watermark
BEGIN
  INSERT INTO breaches VALUES ('watermark fell', new.watermark);
END;
CREATE TEMP TABLE lockings (key, value, expires_at);
CREATE TEMP TRIGGER gaoler AFTER INSERT ON main.locks
BEGIN
  INSERT INTO lockings VALUES (new.key, new.value, new.expires_at);
END;
CREATE TEMP TRIGGER gaoler_again AFTER UPDATE ON main.locks
BEGIN
  INSERT INTO lockings VALUES (new.key, new.value, new.expires_at);
END;
CREATE TEMP TRIGGER burglar AFTER INSERT ON lockings
WHEN NOT EXISTS (
  SELECT 1 FROM locks AS l LEFT JOIN jobs ON jobs.id = l.job_id
  WHERE l.key = new.key
    AND ((jobs.status = 'processing' AND jobs.fence = l.fence) OR substr(l.job_id, 21, 2) <> '00')
)
BEGIN
  INSERT INTO breaches VALUES ('lock without the lease', new.key);
END;
CREATE TEMP TABLE deaths (id, status, fence, unique_key, completed_at);
CREATE TEMP TRIGGER reaper AFTER DELETE ON main.jobs
BEGIN
  INSERT INTO deaths VALUES (old.id, old.status, old.fence, old.unique_key, old.completed_at);
END;
CREATE TEMP TABLE forgotten (key, job_id, expires_at);
CREATE TEMP TRIGGER locksmith AFTER DELETE ON main.unique_keys
BEGIN
  INSERT INTO forgotten VALUES (old.key, old.job_id, old.expires_at);
END;
CREATE TEMP TABLE discarded (id, failed_at, envelope);
CREATE TEMP TRIGGER sexton AFTER DELETE ON main.dead_letters WHEN old.job_id IS NULL
BEGIN
  INSERT INTO discarded VALUES (old.id, old.failed_at,
    CASE WHEN json_valid(old.body) AND json_type(old.body) = 'object' THEN old.body ->> '$.id' END);
END;`;

/** @typedef {'moves' | 'burials' | 'births' | 'deaths' | 'forgotten' | 'discarded' | 'checkpoints' | 'lines'
 *   | 'lockings' | 'breaches'} Noted */
