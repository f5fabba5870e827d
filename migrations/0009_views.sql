-- Views: dead letters are counted as they come and go, so that no list reads more rows than it shows.

-- Dead letters by queue.
CREATE TABLE letters (
  queue TEXT NOT NULL PRIMARY KEY,
  count INTEGER NOT NULL,
  CONSTRAINT count_range CHECK (count >= 0)
) STRICT, WITHOUT ROWID;

-- Dead letters by what went wrong.
CREATE TABLE failures (
  type TEXT NOT NULL,                    -- '': messages that were never jobs
  code TEXT NOT NULL,
  message TEXT NOT NULL,
  count INTEGER NOT NULL,
  last_at INTEGER NOT NULL,              -- when it happened last
  PRIMARY KEY (type, code, message),
  CONSTRAINT count_range CHECK (count > 0)
) STRICT, WITHOUT ROWID;
CREATE INDEX failures_count ON failures (count, last_at);

INSERT INTO letters (queue, count) SELECT queue, count(*) FROM dead_letters GROUP BY queue;
INSERT INTO failures (type, code, message, count, last_at)
SELECT coalesce(type, ''), coalesce(last_error ->> 'code', ''), coalesce(last_error ->> 'message', ''),
  count(*), max(failed_at)
FROM dead_letters GROUP BY 1, 2, 3;

-- Whatever writes a dead letter counts it in the same transaction.
CREATE TRIGGER letter_comes AFTER INSERT ON dead_letters
BEGIN
  INSERT INTO letters (queue, count) VALUES (new.queue, 1)
  ON CONFLICT (queue) DO UPDATE SET count = count + 1;
  INSERT INTO failures (type, code, message, count, last_at) VALUES (
    coalesce(new.type, ''), coalesce(new.last_error ->> 'code', ''), coalesce(new.last_error ->> 'message', ''),
    1, new.failed_at
  )
  ON CONFLICT (type, code, message) DO UPDATE SET count = count + 1, last_at = max(last_at, excluded.last_at);
END;

CREATE TRIGGER letter_goes AFTER DELETE ON dead_letters
BEGIN
  UPDATE letters SET count = count - 1 WHERE queue = old.queue;
  DELETE FROM failures WHERE type = coalesce(old.type, '') AND code = coalesce(old.last_error ->> 'code', '')
    AND message = coalesce(old.last_error ->> 'message', '') AND count = 1;
  UPDATE failures SET count = count - 1
  WHERE type = coalesce(old.type, '') AND code = coalesce(old.last_error ->> 'code', '')
    AND message = coalesce(old.last_error ->> 'message', '');
END;

CREATE TRIGGER letter_changes AFTER UPDATE OF type, queue, last_error ON dead_letters
BEGIN
  UPDATE letters SET count = count - 1 WHERE queue = old.queue;
  INSERT INTO letters (queue, count) VALUES (new.queue, 1)
  ON CONFLICT (queue) DO UPDATE SET count = count + 1;
  DELETE FROM failures WHERE type = coalesce(old.type, '') AND code = coalesce(old.last_error ->> 'code', '')
    AND message = coalesce(old.last_error ->> 'message', '') AND count = 1;
  UPDATE failures SET count = count - 1
  WHERE type = coalesce(old.type, '') AND code = coalesce(old.last_error ->> 'code', '')
    AND message = coalesce(old.last_error ->> 'message', '');
  INSERT INTO failures (type, code, message, count, last_at) VALUES (
    coalesce(new.type, ''), coalesce(new.last_error ->> 'code', ''), coalesce(new.last_error ->> 'message', ''),
    1, new.failed_at
  )
  ON CONFLICT (type, code, message) DO UPDATE SET count = count + 1, last_at = max(last_at, excluded.last_at);
END;

-- To requeue one type or queue, oldest first, however many others there are.
CREATE INDEX dead_letters_type ON dead_letters (type, failed_at);
CREATE INDEX dead_letters_queue ON dead_letters (queue, failed_at);

-- Lists by tag read tagged jobs only; a plain job pays for no index.
CREATE INDEX jobs_tagged ON jobs (id) WHERE tags IS NOT NULL;

-- Breakers that are not closed, however many gates there are.
CREATE INDEX gates_open ON gates (open_until) WHERE open_until > 0;
