// Dependencies: jobs that wait for others to come to their end (blocked), and what becomes of them then.
//
// A job that depends on others has a row in `dependencies` for each, open until that one's end has been taken
// account of. Whatever decides a waiting job reads the record as it is inside the transaction:
//   one of its parents failed or was cancelled, and it does not proceed then   cancelled
//   no open dependency is on an unfinished job                                 pending; delayed, with a time
//   ahead
// So a step may be repeated, and come late, without harm. The batch that brings a job to its end decides up
// to kDependEdges others with it; where there are more, and for what depends on a job that was cancelled so,
// the job gets a wake_at and the sweep goes on.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/job.h"
#include "core/move.h"
#include "core/schema.h"
#include "core/step.h"

namespace sluice {

// Whether a job with this status is to be sent.
[[nodiscard]] bool is_ready(std::string_view status);

// Whether the jobs depend on more others than one batch is to note (kDependBytesMax); never for a single one.
[[nodiscard]] bool too_many_dependencies(const std::vector<NewJob>& jobs);

// Writes the last two cells of a job's row for admit_insert.sql.
void write_dependencies(json::Writer& writer, const NewJob& job);

// Adds the statements that note what the inserted `jobs` depend on and decide those that need not wait, where
// any of them depends on others; `heads` are those of admission. The last of them tells what does not exist.
void add_dependencies(const Input& input, const std::string& op, const std::vector<NewJob>& jobs,
                      uint32_t heads, Step& step);

// unknown_job for each of the job's dependencies that does not exist, from the rows of that statement. The
// paths start with `base`.
[[nodiscard]] std::vector<Fault> unknown_parents(const Input& input, const NewJob& job,
                                                 std::string_view base);

// Adds the statements that decide what depends on the jobs that `moves` bring to their end, and the waiting
// jobs among `moves` themselves; none where there are neither.
[[nodiscard]] bool decides_others(const std::vector<Move>& moves);
void add_dependants(const Input& input, const std::string& op, const std::vector<Move>& moves, Step& step);

// Adds the messages of those that became ready, from the rows of the last of those statements.
void send_dependants(const Input& input, const std::vector<Move>& moves, json::Value rows, Step& step);

// Adds the statements with which each round of the sweep looks at some of the jobs that wait, and finds those
// that need not.
void add_healing(const Input& input, Step& step);

// What the job depends on, for its handler. Control: {id}. 200, 503; the rows of the host's statement are
// {id, head: {jobId, type, status}, result}. The results end where they are over kParentsBytesMax.
[[nodiscard]] Step parents(const Input& input);

}  // namespace sluice
