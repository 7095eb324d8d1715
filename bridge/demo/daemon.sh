# daemon.sh: the demo's bridge: its key, its configuration, starting, stopping, asking whether it lives. Sourced by
# demo.sh after place.sh. Owns $STATE/jwt.key, bridge.conf, bridge.pid, bridge.port and bridge.log.
# shellcheck shell=bash disable=SC2153  # PORT is demo.sh's

TOKEN_LIFE=43200

bridge_pid() { if [[ -s $STATE/bridge.pid ]]; then cat "$STATE/bridge.pid"; fi; }

# Alive means: the process of that number is a bridge with this configuration, not one that got the number later.
bridge_is_up() {
  local pid words
  pid=$(bridge_pid 2>/dev/null)
  [[ -n $pid ]] && mapfile -d '' words 2>/dev/null <"/proc/$pid/cmdline" && [[ " ${words[*]} " == *" $STATE/bridge.conf "* ]]
}

bridge_port() { cat "$STATE/bridge.port"; }

# True when anybody accepts connections on 127.0.0.1:PORT.
port_is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

bridge_check_port() {
  local port=$PORT
  if [[ ! $port =~ ^[0-9]{1,5}$ ]] || ((port > 65535)); then fail "PORT=$port is no port number"; fi
  if ((port > 0)) && port_is_taken "$port"; then
    fail "port $port is in use by another program; choose another: make $COMMAND PORT=$((port + 1))"
  fi
}

bridge_configure() {
  if ! as_user test -s "$STATE/jwt.key"; then
    head -c 48 /dev/urandom | base64 -w 0 | (umask 077 && as_user tee "$STATE/jwt.key.new" >/dev/null)
    as_user chmod 600 "$STATE/jwt.key.new"
    as_user mv "$STATE/jwt.key.new" "$STATE/jwt.key"
  fi
  as_user tee "$STATE/bridge.conf" >/dev/null <<CONF
# written by make run and make start
listen = 127.0.0.1:$PORT
database = host='$SOCKET_DIR' dbname=collab user=collab_bridge
web_root = $(place_readable "$TOP/bridge/web/dist" web)
jwt_key_file = $STATE/jwt.key
jwt_issuer = demo
# the links it prints hold tokens: they work as long as those
max_token_age = ${TOKEN_LIFE}s
pid_file = $STATE/bridge.pid
port_file = $STATE/bridge.port
CONF
}

# Starts it in a session of its own, so that a Ctrl-C meant for the foreground does not reach it, and waits until it
# serves. It says itself in its log why it does not.
bridge_start() {
  bridge_configure
  as_user rm -f "$STATE/bridge.pid" "$STATE/bridge.port"
  # shellcheck disable=SC2016  # the inner shell's own
  as_user setsid -f sh -c 'exec "$@" >>"$0" 2>&1 </dev/null' "$STATE/bridge.log" \
    "$(place_readable "$TOP/bridge/build/collab-bridge" collab-bridge)" --config "$STATE/bridge.conf" 9>&-
  wait_until 15 bridge_is_ready ||
    fail "the bridge does not start; the end of $RUN_DIR/bridge.log says: $(as_user tail -n 1 "$STATE/bridge.log")"
}

bridge_is_ready() {
  local port reply
  as_user test -s "$STATE/bridge.port" && port=$(bridge_port) || return 1
  { exec 3<>"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null || return 1
  printf 'GET /readyz HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nConnection: close\r\n\r\n' "$port" >&3
  read -r -t 5 reply <&3 || reply=
  exec 3>&-
  [[ $reply == *' 200 '* ]]
}

# SIGTERM drains it; what does not end in time is ended.
bridge_stop() {
  local pid
  if ! bridge_is_up; then return; fi
  pid=$(bridge_pid)
  kill -TERM "$pid" 2>/dev/null || true
  if ! wait_until 20 bridge_is_gone; then kill -KILL "$pid" 2>/dev/null || true; fi
  as_user rm -f "$STATE/bridge.pid" "$STATE/bridge.port"
}

bridge_is_gone() { ! bridge_is_up; }

bridge_token() {
  local name=$1
  as_user "$(place_readable "$TOP/bridge/build/collab-bridge" collab-bridge)" token --key-file "$STATE/jwt.key" \
    --issuer demo --subject "$name" --name "${name^}" --ttl "$TOKEN_LIFE"
}
