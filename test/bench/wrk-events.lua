-- Sends each request of a file once: requests of one length, one after the other. Says `sent` when that was the last:
-- wrk itself goes on until its time is over or SIGINT comes.
-- Arguments: the file, the length of a request in bytes, how many there are.

function init(arguments)
  file = assert(io.open(arguments[1], "rb"))
  length = tonumber(arguments[2])
  left = tonumber(arguments[3])
end

function request()
  if last == nil then
    -- wrk looks at one request before it begins, and does not send it.
    last = file:read(length)
    file:seek("set", 0)
  elseif left > 0 then
    left = left - 1
    last = file:read(length)
  else
    wrk.thread:stop()
    io.write("sent\n")
    io.flush()
  end
  return last
end

-- Times are in microseconds.
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"seconds":%f,"answers":%d,"refused":%d,"lost":%d,"p50":%f,"p99":%f}\n',
    summary.duration / 1e6, summary.requests, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3
  ))
end
