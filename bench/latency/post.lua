-- For wrk: POST /jobs with a no-op job; at the end one line of JSON. Latencies are whole microseconds.
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"type":"bench-noop","payload":{"n":1}}'

function done(summary, latency, _requests)
  local errors = summary.errors
  io.write(string.format(
    '{"p50":%d,"p99":%d,"requests":%d,"duration":%d,"refused":%d,"broken":%d}\n',
    latency:percentile(50), latency:percentile(99), summary.requests, summary.duration,
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
