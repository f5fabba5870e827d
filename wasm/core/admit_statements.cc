// The statements that insert jobs; used by admission itself and by the flows that adopt foreign envelopes.
#include <algorithm>

#include "core/admit.h"
#include "core/depend.h"
#include "core/gate.h"
#include "core/limits.h"
#include "core/pieces.h"
#include "core/wake.h"

namespace sluice {
namespace {

// Counts jobs per logical queue, so that each knows its place against the queue's maximum depth. Which of
// them are duplicates only the database knows: near the limit they take a place from the jobs behind them.
class Places {
 public:
  int64_t next(std::string_view queue) {
    for (auto& [name, count] : counts_) {
      if (name == queue) return ++count;
    }
    counts_.emplace_back(queue, 1);
    return 1;
  }

 private:
  std::vector<std::pair<std::string_view, int64_t>> counts_;
};

std::string write_heads(const std::vector<NewJob>& jobs) {
  std::string out;
  out.reserve(jobs.size() * 120);
  json::Writer writer(out);
  Places places;
  writer.begin_array();
  for (const NewJob& job : jobs) {
    writer.begin_array().string(job.id).string(job.queue).string(job.type->name).string(name(job.status));
    writer.integer(places.next(job.queue)).raw_or_null(job.depends_on).string_or_null(job.unique_key);
    writer.integer_or_null(job.unique_until).end_array();
  }
  writer.end_array();
  return out;
}

// When the sweep looks at a new job: never for a plain one, which the watermark finds,
// and for one that waits for others.
int64_t first_wake(const Input& input, const NewJob& job) {
  if (job.status == Status::blocked || job.run_at == 0) return 0;
  return job.line.empty() ? wake_after(input.now, job.run_at, input.config.settings.resend_after_ms)
                          : job.run_at;  // then it is put into its line
}

void append_row(std::string& out, const Input& input, const NewJob& job, int64_t place, GatePlaces& gates) {
  json::Writer writer(out);
  const bool inlined = job.payload.size() <= limits::kInlineBytesMax;
  writer.begin_array().string(job.id).string(job.type->name).string(job.queue);
  writer.string(job.line.empty() ? kTransports[job.transport].name : job.line)
      .string(name(job.status))
      .integer(job.priority);
  writer.integer(job.max_attempts).integer_or_null(job.run_at).integer_or_null(first_wake(input, job));
  writer.integer(job.timeout_ms).string_or_null(job.backoff);
  writer.raw(inlined ? job.payload : "null").integer(static_cast<int64_t>(job.payload.size()));
  writer.string_or_null(job.unique_key).string_or_null(job.tags).string_or_null(job.correlation_id);
  writer.string_or_null(job.user_id).string_or_null(job.session_id).integer(place);
  writer.string_or_null(job.tenant).string_or_null(job.concurrency_key);
  write_gates(writer, job);
  if (job.line.empty()) {
    gates.write_next(writer, job);
  } else {
    writer.begin_array().end_array();  // its poll asks
  }
  const bool in_line = job.status == Status::pending;
  writer.string_or_null(in_line ? job.line : std::string_view());
  write_dependencies(writer, job);
  writer.end_array();
}

std::string write_scalars(const Input& input, const std::string& op, bool limited, const GatePlaces& asked) {
  constexpr int64_t kUnlimited = int64_t{1} << 50;
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("now").integer(input.now).key("op").string(op);
  writer.key("max").integer(limited ? input.config.settings.max_pending_per_queue : kUnlimited);
  writer.key("resend").integer(input.config.settings.resend_after_ms);
  write_limits(writer, input.config);
  asked.write_keys(writer.key("asked"));
  writer.end_object();
  return out;
}

void add_bodies(const std::vector<NewJob>& jobs, uint32_t scalars, Step& step) {
  Pieces bodies(step, {Sql::admit_bodies}, scalars);
  std::string row;
  for (const NewJob& job : jobs) {
    if (job.payload.size() <= limits::kInlineBytesMax) continue;
    row.clear();
    json::Writer(row).begin_array().string(job.id).raw(job.payload).end_array();
    bodies.add(row);
  }
  bodies.flush();
}

// The scalars are written last: they name the gates for which the rows ask.
void add_insertion(const Input& input, const std::string& op, const std::vector<NewJob>& jobs, bool limited,
                   uint32_t heads, uint32_t scalars, Step& step) {
  step.add(Sql::admit_count, {heads, scalars});
  Pieces rows(step, {Sql::admit_insert}, scalars);
  Places places;
  GatePlaces gate_places;
  std::string row;
  for (const NewJob& job : jobs) {
    row.clear();
    append_row(row, input, job, places.next(job.queue), gate_places);
    rows.add(row);
  }
  rows.flush();
  step.texts[scalars] = write_scalars(input, op, limited, gate_places);
  add_bodies(jobs, scalars, step);
  add_dependencies(input, op, jobs, heads, step);
  step.add(Sql::admit_state, {heads});
}

}  // namespace

void add_admission(const Input& input, const std::string& op, const std::vector<NewJob>& jobs, bool limited,
                   Step& step) {
  const uint32_t heads = step.text(write_heads(jobs));
  const uint32_t scalars = step.text({});
  const bool unique =
      std::any_of(jobs.begin(), jobs.end(), [](const NewJob& job) { return !job.unique_key.empty(); });
  if (unique) step.add(Sql::admit_unique, {heads, scalars});
  add_insertion(input, op, jobs, limited, heads, scalars, step);
}

void add_keyed_admission(const Input& input, const std::string& op, const std::vector<NewJob>& jobs,
                         bool limited, Step& step) {
  const uint32_t heads = step.text(write_heads(jobs));
  const uint32_t scalars = step.text({});
  add_insertion(input, op, jobs, limited, heads, scalars, step);
}

}  // namespace sluice
