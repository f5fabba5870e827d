/* The C ABI of all modules: the core; the views, which answer what callers read of the record; and the chat
 * rules, which read messages.
 *
 * Conventions
 *  1. One instance serves one caller at a time; nothing blocks, nothing calls out.
 *  2. The caller asks for room with sluice_input(n), writes n bytes there and calls sluice_call(op, n). The
 *     answer lies at sluice_output(), sluice_output_size() bytes long, until the next sluice_input() or
 *     sluice_call(). Both buffers are the module's and are reused: the caller frees nothing.
 *  3. Any call may grow the memory: take views of it anew after each call.
 *  4. Input and output are frames: a 32-bit count, then per frame a 32-bit length and that many bytes, all
 *     little-endian, unaligned. Texts are UTF-8 without a terminator; NUL bytes are ordinary bytes.
 *  5. Frame 0 is a JSON object of control. Of the input: {now, seed, bodies, carried?, failed?, failure?,
 * tries?, elapsedMs?, …} with the flow's own members; `bodies` frames follow (with `carried`, what the plan
 * said that the step carries, in their place), then one frame of rows per stage already run. Of the output:
 * see codec.h.
 *  6. sluice_call returns SLUICE_OK or an error; then the output is one frame, an English text.
 *  7. After a trap (out of memory, or a bug) the instance must be thrown away. Nothing is lost with it: the
 * modules keep nothing but their configuration between calls.
 *  8. sluice_call(SLUICE_OP_CONFIGURE) comes first; without it every flow and every
 * reading answers SLUICE_ERROR_NOT_CONFIGURED.
 */
#ifndef SLUICE_ABI_H
#define SLUICE_ABI_H

#include <stddef.h>
#include <stdint.h>

#define SLUICE_ABI_VERSION 1

/* Operations of the core. Numbers are part of the ABI: never reused, and no two modules have the same, but
 * for the first two. SLUICE_OP_SQL gives, of each statement n, its name (frame 2n) and its text (2n + 1),
 * both empty where it is another module's: numbers of statements are the same in all modules. */
#define SLUICE_OP_CONFIGURE 1
#define SLUICE_OP_SQL 2
#define SLUICE_OP_ADMIT 10
#define SLUICE_OP_ADMIT_BATCH 11
#define SLUICE_OP_ADMIT_CHAT 12
#define SLUICE_OP_CLAIM 20
#define SLUICE_OP_SETTLE 21
#define SLUICE_OP_PULSE 22
#define SLUICE_OP_LOCK 23
#define SLUICE_OP_UNLOCK 24
#define SLUICE_OP_PARENTS 25
#define SLUICE_OP_DESCRIBE 26
#define SLUICE_OP_POLL 28
#define SLUICE_OP_POLL_LINES 29
#define SLUICE_OP_BURY 30
#define SLUICE_OP_SWEEP 40
#define SLUICE_OP_SCHEDULES_DUE 44
#define SLUICE_OP_SCHEDULES_RUN 45
#define SLUICE_OP_CLEANUP 48
#define SLUICE_OP_RETRY 60
#define SLUICE_OP_CANCEL 61
#define SLUICE_OP_PAUSE 62
#define SLUICE_OP_RESUME 63
#define SLUICE_OP_REQUEUE 64
#define SLUICE_OP_REQUEUE_MANY 65
#define SLUICE_OP_DISCARD 66
#define SLUICE_OP_SCHEDULE_PUT 67
#define SLUICE_OP_SCHEDULE_DELETE 68
/* The compatibility layer. */
#define SLUICE_OP_COMPAT_ADMIT 80
#define SLUICE_OP_COMPAT_REQUEUE 83
/* For tests of the core through the module. */
#define SLUICE_OP_PROBE 90

/* Operations of the views module: the first two of the core, configured as the core is, and these. */
#define SLUICE_OP_QUERY 50
#define SLUICE_OP_COMPAT_STATS 81
#define SLUICE_OP_COMPAT_LETTERS 82

/* Operations of the chat module: SLUICE_OP_CONFIGURE and this. Frame 0 is the body of POST /chat as it came,
 * the output's one frame its reading, which SLUICE_OP_ADMIT_CHAT takes (core/admit.h). */
#define SLUICE_CHAT_READ 70

/* Results of sluice_call. */
#define SLUICE_OK 0
#define SLUICE_ERROR_FRAMES 1         /* the input is not frames, or its control is not what the flow needs */
#define SLUICE_ERROR_CONFIG 2         /* the configuration is refused; the text says why */
#define SLUICE_ERROR_NOT_CONFIGURED 3 /* no configuration yet */
#define SLUICE_ERROR_OP 4             /* no such operation */

#ifdef __cplusplus
extern "C" {
#endif

/* SLUICE_ABI_VERSION of the module. */
uint32_t sluice_version(void);
/* Room for `size` bytes of input. */
uint8_t* sluice_input(size_t size);
/* Runs one operation on the first `size` bytes of the input. */
int32_t sluice_call(int32_t op, size_t size);
const uint8_t* sluice_output(void);
size_t sluice_output_size(void);

#ifdef __cplusplus
}
#endif

#endif
