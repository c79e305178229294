-- wrk asks for the addresses of a file, one after the other: again and again, or each once and then no more.
-- wrk ... -- FILE again|once
local ffi = require("ffi")
ffi.cdef("int kill(int pid, int sig); int getpid(void);")
local INTERRUPT = 2

function init(arguments)
   requests, at = {}, 0
   once = arguments[2] == "once"
   for path in io.lines(arguments[1]) do
      requests[#requests + 1] = wrk.format("GET", path)
   end
end

function request()
   at = at + 1
   if at > #requests then
      at = 1
      if once then
         -- The loop ends here, and the interrupt ends the sleep of wrk's other thread, which keeps the time.
         wrk.thread:stop()
         ffi.C.kill(ffi.C.getpid(), INTERRUPT)
      end
   end
   return requests[at]
end
