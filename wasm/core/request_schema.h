// The shapes of what callers may send, as JSON Schema in the subset of schema.h. Bounds that are also used
// in code have their names there; the configuration's test compares the two.
#pragma once

namespace sluice {

// One job of POST /jobs, POST /jobs/batch and enqueue().
inline constexpr char kRequestSchema[] = R"json({
  "type": "object",
  "required": ["type", "payload"],
  "additionalProperties": false,
  "properties": {
    "type": {"type": "string", "minLength": 1, "maxLength": 100},
    "payload": {},
    "priority": {"anyOf": [
      {"type": "integer", "minimum": 1, "maximum": 10},
      {"enum": ["urgent", "high", "normal", "low"]}
    ]},
    "maxAttempts": {"type": "integer", "minimum": 1, "maximum": 100},
    "backoff": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "type": {"enum": ["exponential", "linear", "fixed"]},
        "delay": {"type": "integer", "minimum": 0, "maximum": 86400000},
        "maxDelay": {"type": "integer", "minimum": 0, "maximum": 86400000},
        "jitter": {"type": "number", "minimum": 0, "maximum": 1}
      }
    },
    "delaySeconds": {"type": "number", "minimum": 0, "maximum": 315360000},
    "runAt": {"type": "string", "format": "date-time"},
    "timeoutMs": {"type": "integer", "minimum": 100, "maximum": 600000},
    "uniqueKey": {"type": "string", "minLength": 1, "maxLength": 200},
    "uniqueForSeconds": {"type": "integer", "minimum": 1, "maximum": 315360000},
    "dependsOn": {
      "type": "array", "maxItems": 100, "uniqueItems": true,
      "items": {"type": "string", "minLength": 1, "maxLength": 100}
    },
    "onDependencyFailure": {"enum": ["cancel", "proceed"]},
    "tags": {
      "type": "array", "maxItems": 20, "uniqueItems": true,
      "items": {"type": "string", "minLength": 1, "maxLength": 64}
    },
    "concurrencyKey": {"type": "string", "minLength": 1, "maxLength": 200},
    "tenant": {"type": "string", "minLength": 1, "maxLength": 200},
    "correlationId": {"type": "string", "minLength": 1, "maxLength": 200},
    "userId": {"type": "string", "minLength": 1, "maxLength": 200},
    "sessionId": {"type": "string", "minLength": 1, "maxLength": 200}
  }
})json";

// One foreign envelope (the scraping-queue document's message). Further members are let through: other
// producers may carry their own.
inline constexpr char kEnvelopeSchema[] = R"json({
  "type": "object",
  "required": ["id", "type", "payload", "metadata"],
  "properties": {
    "id": {"type": "string", "minLength": 1, "maxLength": 200},
    "type": {"type": "string", "minLength": 1, "maxLength": 100},
    "payload": {},
    "metadata": {
      "type": "object",
      "properties": {
        "priority": {"anyOf": [
          {"type": "integer", "minimum": 1, "maximum": 10},
          {"enum": ["urgent", "high", "normal", "low"]}
        ]},
        "scheduledAt": {"type": "integer", "minimum": 0, "maximum": 253402300799999},
        "maxRetries": {"type": "integer", "minimum": 0, "maximum": 99},
        "timeoutMs": {"type": "integer", "minimum": 100, "maximum": 600000},
        "correlationId": {"type": "string", "minLength": 1, "maxLength": 200},
        "userId": {"type": "string", "maxLength": 200},
        "sessionId": {"type": "string", "maxLength": 200}
      }
    }
  }
})json";

// What the chat rules made of a message (chat/message.h): it comes from a module of its own, by way of the
// caller.
inline constexpr char kReadingSchema[] = R"json({
  "type": "object",
  "required": ["wants", "urgent", "missing", "requests"],
  "additionalProperties": false,
  "properties": {
    "wants": {"type": "boolean"},
    "urgent": {"type": "boolean"},
    "missing": {"enum": ["", "place", "site"]},
    "requests": {
      "type": "array", "maxItems": 10,
      "items": {
        "type": "object",
        "required": ["scrapeType", "url"],
        "additionalProperties": false,
        "properties": {
          "scrapeType": {"enum": ["hotel", "flight", "attraction", "general"]},
          "url": {"type": "string", "format": "uri"},
          "place": {"type": "string", "maxLength": 8000},
          "query": {"type": "string", "maxLength": 8000}
        }
      }
    }
  }
})json";

// PUT /schedules/{name}; what makes its job is checked as a job is.
inline constexpr char kScheduleSchema[] = R"json({
  "type": "object",
  "required": ["cron"],
  "additionalProperties": false,
  "properties": {
    "cron": {"type": "string", "minLength": 1, "maxLength": 200},
    "timezone": {"type": "string", "minLength": 1, "maxLength": 100},
    "type": {},
    "payload": {},
    "priority": {}
  }
})json";

// POST /dead-letters/requeue.
inline constexpr char kRedriveSchema[] = R"json({
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "ids": {
      "type": "array", "minItems": 1, "maxItems": 500,
      "items": {"type": "string", "minLength": 1, "maxLength": 500}
    },
    "type": {"type": "string", "minLength": 1, "maxLength": 100},
    "queue": {"type": "string", "minLength": 1, "maxLength": 100},
    "all": {"const": true},
    "limit": {"type": "integer", "minimum": 1, "maximum": 10000},
    "cursor": {"type": "string"}
  }
})json";

// POST /api/queue/jobs, in the words and on the scale of the job-management document.
inline constexpr char kCompatSchema[] = R"json({
  "type": "object",
  "required": ["type", "target_url"],
  "additionalProperties": false,
  "properties": {
    "type": {"type": "string", "minLength": 1, "maxLength": 100},
    "target_url": {"type": "string"},
    "priority": {"type": "integer", "minimum": 1, "maximum": 10},
    "metadata": {"type": "object"}
  }
})json";

// POST /api/queue/dead-letter/requeue.
inline constexpr char kCompatRequeueSchema[] = R"json({
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "index": {"type": "integer", "minimum": 0, "maximum": 499},
    "id": {"type": "string", "minLength": 1, "maxLength": 500}
  }
})json";

}  // namespace sluice
