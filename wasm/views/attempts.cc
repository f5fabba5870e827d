#include "views/attempts.h"

#include "core/present.h"

namespace sluice {
namespace {

// One entry of the record's history, its times made readable.
void write_entry(json::Writer& writer, json::Value entry) {
  writer.begin_object();
  for (const json::Value member : entry) {
    writer.key(member.key());
    if (member.key() == "startedAt" || member.key() == "finishedAt") {
      write_time(writer, member);
    } else {
      writer.raw(member.raw());
    }
  }
  writer.end_object();
}

// The attempt that the history does not hold yet: the one that succeeded, or the one that is running.
void write_latest(json::Writer& writer, json::Value row, std::string_view outcome) {
  writer.begin_object()
      .key("attempt")
      .integer(row.at(column::attempts).integer())
      .key("outcome")
      .string(outcome);
  writer.key("startedAt");
  write_time(writer, row.at(column::started_at));
  writer.key("finishedAt");
  write_time(writer, row.at(column::completed_at));
  writer.end_object();
}

}  // namespace

void write_attempts(json::Writer& writer, json::Value row) {
  writer.begin_object().key("jobId").raw(row.at(column::id).raw()).key("attempts").begin_array();
  for (const json::Value entry : row.at(column::history)) write_entry(writer, entry);
  const std::string_view status = row.at(column::status).text();
  if (status == name(Status::completed)) write_latest(writer, row, "completed");
  if (status == name(Status::processing)) write_latest(writer, row, "running");
  writer.end_array().end_object();
}

}  // namespace sluice
