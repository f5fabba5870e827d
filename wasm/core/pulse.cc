#include "core/pulse.h"

#include <algorithm>

#include "core/guard.h"
#include "core/id.h"
#include "core/job.h"
#include "core/limits.h"
#include "core/record.h"
#include "core/shards.h"

namespace sluice {
namespace {

bool due(const Input& input, int64_t lease_until) {
  const int64_t lease = input.config.settings.lease_ms;
  return lease_until - input.now <= lease * 2 / 3;
}

std::string write_runs(const Input& input) {
  std::string rows;
  json::Writer writer(rows);
  writer.begin_array();
  for (const json::Value run : input.control.find("runs")) {
    writer.begin_array().string(run.find("id").text()).integer(run.find("fence").integer());
    // A run that begins is renewed in any case: a renewal keeps a sweep that has read the row as unbegun from
    // it.
    const bool begins = run.find("begins").truth();
    const bool renew = begins || due(input, time_of(run.find("leaseUntil")));
    writer.integer_or_null(renew ? input.now + input.config.settings.lease_ms : 0);
    const json::Value progress = run.find("progress");
    if (progress || begins) {
      writer.integer(std::clamp<int64_t>(progress.integer(), 0, 100));
    } else {
      writer.null();
    }
    writer.end_array();
  }
  writer.end_array();
  return rows;
}

// The checkpoint of a run, or nothing: what is no JSON, or too long, must not spoil the pulse of all others.
std::string_view checkpoint_of(const Input& input, json::Value run) {
  const int64_t frame = run.find("frame").integer(-1);
  if (frame < 0 || frame >= static_cast<int64_t>(input.frames.size())) return {};
  const std::string_view text = input.frames[static_cast<size_t>(frame)];
  if (text.size() > limits::kPayloadBytesMax) return {};
  json::Document document;
  return document.parse(text) ? std::string_view() : text;
}

// Orders the checkpoints of a job: by lease, and within it by pulse. Numbers beyond their bounds, which no
// job reaches, are cut to them.
int64_t version_of(json::Value run) {
  constexpr int64_t kFenceMax = INT64_MAX / (limits::kPulseMax + 1) - 1;
  const int64_t fence = std::clamp<int64_t>(run.find("fence").integer(), 0, kFenceMax);
  const int64_t pulse = std::clamp<int64_t>(run.find("pulse").integer(), 0, limits::kPulseMax);
  return fence * (limits::kPulseMax + 1) + pulse;
}

// One statement per checkpoint: they are few, and each may be as long as a parameter can be.
void add_checkpoints(const Input& input, Step& step) {
  for (const json::Value run : input.control.find("runs")) {
    const std::string_view data = checkpoint_of(input, run);
    if (data.empty()) continue;
    std::string row;
    json::Writer writer(row);
    writer.begin_array().begin_array().string(run.find("id").text()).integer(run.find("fence").integer());
    writer.raw(data).integer(version_of(run)).end_array().end_array();
    step.add(Sql::pulse_checkpoints, {step.text(std::move(row))});
  }
}

Step statements(const Input& input) {
  Step step;
  // They were leased together, so they live together.
  step.shard = home_of_job(input.config, input.control.find("runs").at(0).find("id").text());
  const uint32_t bound = step.text(write_runs(input));
  std::string scalars;
  Entropy entropy = input.entropy;
  json::Writer writer(scalars);
  writer.begin_object().key("skew").integer(clock_skew_ms());
  writer.key("op").string(make_nonce(entropy)).end_object();
  step.add(Sql::pulse_renew, {bound, step.text(std::move(scalars))});
  add_checkpoints(input, step);
  step.add(Sql::pulse_state, {bound});
  return step;
}

void abort(std::string_view id, std::string_view reason, Step& step) {
  std::string out;
  json::Writer(out).begin_object().key("id").string(id).key("reason").string(reason).end_object();
  step.aborts.push_back(std::move(out));
}

}  // namespace

Step pulse(const Input& input) {
  Step step;
  if (input.failed) {
    if (!input.frames.empty() && try_again(input, step)) return step;  // a checkpoint is a promise
    for (const json::Value run : input.control.find("runs")) {
      if (run.find("leaseUntil").integer() <= input.now) abort(run.find("id").text(), "lost", step);
    }
    return step;
  }
  if (input.rows.empty()) return statements(input);
  const json::Value stage = input.rows[0];
  const json::Value state = stage.at(stage.size() - 1).at(0);
  json::Writer writer(step.reply.body);
  step.reply.status = 200;
  writer.begin_object().key("leases").begin_array();
  uint32_t n = 0;
  for (const json::Value run : input.control.find("runs")) {
    const json::Value row = state.at(n++);
    const std::string_view id = run.find("id").text();
    const bool same = !holds(Guard::same_lease) || row.at(2).integer(-1) == run.find("fence").integer();
    if (same && row.at(1).text() == name(Status::processing)) {
      writer.begin_array().string(id).integer(row.at(3).integer()).end_array();
    } else {
      abort(id, same && row.at(1).text() == name(Status::cancelled) ? "cancelled" : "lost", step);
    }
  }
  writer.end_array().end_object();
  return step;
}

}  // namespace sluice
