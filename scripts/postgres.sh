# A PostgreSQL server of one's own, for scripts/test and scripts/bench: in a temporary folder,
# reachable by a socket only. To be sourced by bash; `fail` must exist.

scratch=''

# Debian keeps the server's programs out of PATH; the newest version wins.
postgres_bin() {
  local newest
  newest=$(find /usr/lib/postgresql -maxdepth 3 -path '*/bin/initdb' 2>/dev/null |
    sort --version-sort | tail -n 1) || true
  [[ -n $newest ]] || newest=$(command -v initdb || true)
  [[ -z $newest ]] || dirname "$(readlink -f "$newest")"
}

# The server refuses to run as root, so then it runs as another user.
as_postgres() {
  if [[ $(id -u) -ne 0 ]]; then
    "$@"
  else
    local user=postgres
    id -u "$user" >/dev/null 2>&1 || user=nobody
    setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups -- "$@"
  fi
}

# A folder that the server's user can reach, with a path short enough for a socket's name.
make_scratch() {
  local parent
  for parent in "${TMPDIR:-/tmp}" /tmp; do
    scratch=$(mktemp -d "${parent%/}/epicenter-${1:-test}.XXXXXX")
    if [[ $(id -u) -eq 0 ]]; then
      local user=postgres
      id -u "$user" >/dev/null 2>&1 || user=nobody
      chown "$user" "$scratch"
    fi
    if ((${#scratch} < 80)) && as_postgres test -w "$scratch"; then return; fi
    rm -rf "$scratch"
  done
  fail "found no temporary folder that PostgreSQL can use"
}

# Starts it in $scratch; its settings beyond the usual come from standard input.
start_postgres() {
  local bin more
  more=$(cat)
  bin=$(postgres_bin)
  [[ -n $bin ]] || fail "PostgreSQL is not installed"
  (
    cd "$scratch"
    as_postgres "$bin/initdb" --pgdata=data --username=epicenter --auth=trust \
      --encoding=UTF8 --locale=C.UTF-8 --no-instructions >initdb.log 2>&1 ||
      { cat initdb.log >&2; fail "initdb failed"; }
    # Durable as in production.
    cat >>data/postgresql.conf <<SETTINGS
listen_addresses = ''
unix_socket_directories = '$scratch'
unix_socket_permissions = 0700
fsync = on
synchronous_commit = on
log_min_messages = warning
$more
SETTINGS
    as_postgres "$bin/pg_ctl" --pgdata=data --log=server.log --wait --timeout=60 start \
      >pg_ctl.log 2>&1 || { cat pg_ctl.log server.log >&2; fail "PostgreSQL did not start"; }
  )
  postgres_url="postgres://epicenter@localhost/postgres?host=$scratch"
  as_postgres "$bin/psql" --no-psqlrc --tuples-only --no-align \
    --command "SELECT 'PostgreSQL ' || current_setting('server_version')" "$postgres_url"
}

postgres_pid() { head -n 1 "$scratch/data/postmaster.pid" 2>/dev/null || true; }

# Stops the server by the pid in its own folder (a fast shutdown), and removes the folder.
remove_scratch() {
  [[ -n $scratch ]] || return 0
  local pid tries=0
  pid=$(postgres_pid)
  if [[ -n $pid ]] && kill -INT "$pid" 2>/dev/null; then
    while kill -0 "$pid" 2>/dev/null && ((tries++ < 100)); do sleep 0.1; done
    if kill -0 "$pid" 2>/dev/null; then kill -QUIT "$pid" || true; fi
  fi
  rm -rf "$scratch"
  scratch=''
}
