# sh guard.sh COMMAND [ARGUMENT…]
#
# Runs a program that must not outlive its parent, whatever happens to the parent. Standard input is a pipe whose other end the parent
# alone holds and never writes to. When the parent ends, even by SIGKILL, the pipe is at its end: the program gets SIGTERM, 8 s to
# finish, then SIGKILL with all of its process group. SIGTERM, SIGINT and SIGHUP are passed on. The exit code is the program's.
# POSIX sh; to be started as leader of a process group of its own (detached).

exec 3<&0
program=
asked=
alone=
trap 'alone=1' USR1
trap 'asked=1; [ -z "$program" ] || kill -TERM "$program" 2>/dev/null' TERM INT HUP
"$@" </dev/null 3<&- &
program=$!
[ -z "$asked" ] || kill -TERM "$program" 2>/dev/null

(
  cat <&3 >/dev/null
  kill -USR1 $$
  kill -TERM "$program"
  tenths=0
  while kill -0 "$program" && [ "$tenths" -lt 80 ]; do
    sleep 0.1
    tenths=$((tenths + 1))
  done
  kill -KILL 0
) >/dev/null 2>&1 &
watcher=$!
exec 3<&-

# A signal ends `wait` early: go on until the program is really gone.
while :; do
  wait "$program"
  code=$?
  kill -0 "$program" 2>/dev/null || break
done
kill "$watcher" 2>/dev/null
# Nobody is left to clean up behind us: what the program itself started goes, too. Otherwise the parent does it.
[ -z "$alone" ] || kill -KILL 0
exit "$code"
