// Schedules: jobs that are enqueued by the calendar. The calendar itself is the caller's: it hands in which
// ticks a pattern has in its time zone, and here is decided what a tick does.
#pragma once

#include "core/step.h"

namespace sluice {

// PUT /schedules/{name}: frame 0 is the request (kScheduleSchema). Control: {name, calendar: {cron, timezone,
// zone, error, next}}: what the calendar says of the pattern and time zone that it was shown; zone: whether
// there is such a zone; error: why it is no pattern; next: its first tick (ms since the epoch). 201 (200
// where it was set before) the schedule, 4xx with every fault, 503. A schedule whose pattern and zone stay
// keeps its next tick, one that is due by now among them.
[[nodiscard]] Step put_schedule(const Input& input);
// Control: {name}. 200 the schedule as it was, 404, 503. Its jobs stay.
[[nodiscard]] Step delete_schedule(const Input& input);

// Schedules whose next tick has come, at most kScheduleRows, from a place among them. Control: {at, name}, of
// the last one of those before; neither for the first. Reply 200 {schedules: [row, …]} (schedule_row.h), 503.
// `more` says that there may be more.
[[nodiscard]] Step due_schedules(const Input& input);

// Runs them. Frame 0 is that reply; control: {ticks}, for each of them [its latest tick that has come, the
// next one], or null where it is another call's. One round trip.
//
// All the ticks that were missed lead to one job, that of the latest. A schedule goes on in the batch that
// inserts the job, which holds the tick's key and is inserted only while the schedule is as it was read; so
// no tick is lost and none leads to two jobs. Where the queue is full, or the job is not valid any more (its
// type may come with the next deployment), the tick waits. `bisect` where D1 refuses the batch for one of
// them.
[[nodiscard]] Step run_schedules(const Input& input);

}  // namespace sluice
