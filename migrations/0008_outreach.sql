-- Outreach: who is written to, about what, and what came back.

CREATE TABLE campaigns (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  subject TEXT NOT NULL,                 -- template (scraper/lib/outreach/template.js)
  body TEXT NOT NULL,                    -- template
  from_address TEXT,                     -- an address, or "Name <address>"; NULL: EMAIL_FROM
  reply_to TEXT,
  active INTEGER NOT NULL DEFAULT 1,     -- 0: nothing of it is sent
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  CONSTRAINT active_flag CHECK (active IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE TABLE prospects (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,                    -- of the company
  contact TEXT,                          -- of the person
  email TEXT,
  website TEXT,
  tier TEXT NOT NULL DEFAULT 'cold',
  status TEXT NOT NULL DEFAULT 'new',
  campaign_id TEXT,
  snoozed_until INTEGER,                 -- out of office: no mail before
  mail_queued_at INTEGER,                -- when the producers enqueued a job for it last
  website_queued_at INTEGER,
  email_queued_at INTEGER,
  contacted_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  CONSTRAINT tier_known CHECK (tier IN ('hot', 'warm', 'cold')),
  CONSTRAINT status_known CHECK (status IN ('new', 'contacted', 'replied', 'bounced', 'unsubscribed'))
) STRICT, WITHOUT ROWID;

-- What the producers look for.
CREATE INDEX prospects_to_mail ON prospects (CASE tier WHEN 'hot' THEN 2 WHEN 'warm' THEN 4 ELSE 6 END, id)
  WHERE status = 'new' AND email IS NOT NULL AND campaign_id IS NOT NULL;
CREATE INDEX prospects_to_locate ON prospects (id) WHERE website IS NULL AND status = 'new';
CREATE INDEX prospects_to_address ON prospects (id) WHERE email IS NULL AND website IS NOT NULL AND status = 'new';
-- Who has written, or whose mail came back.
CREATE INDEX prospects_email ON prospects (lower(email)) WHERE email IS NOT NULL;

-- A prospect gets a campaign's mail once.
CREATE TABLE outreach_mails (
  prospect_id TEXT NOT NULL,
  campaign_id TEXT NOT NULL,
  job_id TEXT NOT NULL,
  message_id TEXT NOT NULL,              -- the provider's
  sent_at INTEGER NOT NULL,
  PRIMARY KEY (prospect_id, campaign_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX outreach_mails_message ON outreach_mails (message_id);

CREATE TABLE replies (
  id TEXT NOT NULL PRIMARY KEY,          -- the mail's Message-ID
  prospect_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  from_address TEXT NOT NULL,
  subject TEXT NOT NULL,
  text TEXT NOT NULL,
  job_id TEXT NOT NULL,                  -- that processed it
  processed_at INTEGER NOT NULL,
  CONSTRAINT kind_known CHECK (kind IN ('reply', 'bounce', 'delay', 'out_of_office', 'opt_out'))
) STRICT, WITHOUT ROWID;

CREATE INDEX replies_prospect ON replies (prospect_id);

-- Senders that their provider has told to wait.
CREATE TABLE resting_senders (
  sender TEXT NOT NULL PRIMARY KEY,
  until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The outbox to Supabase: rows that have changed, whoever changed them. Its version tells one change from the next.
CREATE TABLE outreach_changes (
  table_name TEXT NOT NULL,
  row_id TEXT NOT NULL,
  version INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (table_name, row_id)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER prospects_inserted AFTER INSERT ON prospects BEGIN
  INSERT INTO outreach_changes (table_name, row_id) VALUES ('prospects', new.id)
  ON CONFLICT (table_name, row_id) DO UPDATE SET version = version + 1;
END;
CREATE TRIGGER prospects_updated AFTER UPDATE OF name, contact, email, website, tier, status, campaign_id,
  snoozed_until, contacted_at ON prospects BEGIN
  INSERT INTO outreach_changes (table_name, row_id) VALUES ('prospects', new.id)
  ON CONFLICT (table_name, row_id) DO UPDATE SET version = version + 1;
END;
CREATE TRIGGER campaigns_inserted AFTER INSERT ON campaigns BEGIN
  INSERT INTO outreach_changes (table_name, row_id) VALUES ('campaigns', new.id)
  ON CONFLICT (table_name, row_id) DO UPDATE SET version = version + 1;
END;
CREATE TRIGGER campaigns_updated AFTER UPDATE ON campaigns BEGIN
  INSERT INTO outreach_changes (table_name, row_id) VALUES ('campaigns', new.id)
  ON CONFLICT (table_name, row_id) DO UPDATE SET version = version + 1;
END;
CREATE TRIGGER replies_inserted AFTER INSERT ON replies BEGIN
  INSERT INTO outreach_changes (table_name, row_id) VALUES ('replies', new.id)
  ON CONFLICT (table_name, row_id) DO UPDATE SET version = version + 1;
END;
