#!/usr/bin/env bash
# Takes part in one round with nothing but curl, and tools to read JSON and make bytes: the protocol by hand.
# The "training" is no more than an update of zeros: what is shown is how to ask and to answer.
#
#   ./round.sh [SERVER] [JOIN_TOKEN]
set -euo pipefail

server=${1:-http://127.0.0.1:7400}
token=${2:-}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

for tool in curl jq openssl sha256sum; do
    command -v "$tool" >/dev/null || { echo "round.sh: needs $tool" >&2; exit 1; }
done

# call SERVICE/METHOD JSON: prints the answer; an error's JSON is printed too, and ends the script.
credential=
call() {
    local status
    status=$(curl -sS -o "$folder/answer" -w '%{http_code}' "$server/tributary.v1.$1" \
        -H 'Content-Type: application/json' ${credential:+-H "Authorization: Bearer $credential"} --data "$2")
    if [ "$status" != 200 ]; then
        echo "round.sh: $1 answered HTTP $status: $(cat "$folder/answer")" >&2
        return 1
    fi
    cat "$folder/answer"
}

# 1. Register. The key makes the client the same client when it comes again; 64-bit numbers are strings in JSON.
key=$(openssl rand -base64 32)
answer=$(call Enrolment/Register "$(jq -n --arg key "$key" --arg token "$token" \
    '{protocolVersion: 1, joinToken: $token, registrationKey: $key, clientVersion: "0.1.0"}')")
credential=$(jq -r .credential <<<"$answer")
echo "registered as client $(jq -r '.clientId // 0' <<<"$answer")"

# 2. Poll until there is a task. Come back within the window of the answer.
while :; do
    answer=$(call Tasks/Poll '{"protocolVersion": 1, "waitMs": "20000"}')
    [ "$(jq 'has("task")' <<<"$answer")" = true ] && break
    sleep "$(jq -r '((.retry.earliestMs // "0") | tonumber) / 1000' <<<"$answer")"
done
task=$(jq .task <<<"$answer")
id=$(jq -r .id <<<"$task")
echo "task $id: $(jq -r '.modelName // "a model"' <<<"$task"), $(jq -r '.model.size' <<<"$task") bytes"

if [ "$(jq -r .kind <<<"$task")" != KIND_TRAIN ]; then
    call Tasks/ReportFailure "$(jq -n --arg id "$id" '{taskId: $id, cause: "CAUSE_NO_DATA"}')" >/dev/null
    echo "given back: this client trains only"
    exit 0
fi

# 3. Fetch the model by its digest, and check it.
digest=$(jq -r .model.sha256 <<<"$task")
curl -sS --fail -o "$folder/model" -H "Authorization: Bearer $credential" "$server/v1/blobs/$digest"
echo "$digest  $folder/model" | sha256sum --check --quiet

# 4. Say that the task is still worked on; a third of the lease is a good time for the next.
call Tasks/Heartbeat "$(jq -n --arg id "$id" '{taskId: $id, progress: 0.5}')" | jq -c .

# 5. The update: local model minus given model, in the encoding that the task asks for.
count=$(jq '[.layout[].shape | map(tonumber) | reduce .[] as $extent (1; . * $extent)] | add' <<<"$task")
encoding=$(jq -r .updateEncoding <<<"$task")
width=4
[ "$encoding" = ENCODING_F32 ] || width=2
head -c $((count * width)) /dev/zero >"$folder/update"
update=$(sha256sum "$folder/update" | cut -d ' ' -f 1)
size=$((count * width))

# 6. Send it in two parts, as a client does whose connection broke in the middle.
half=$((size / 2))
send() { # OFFSET, bytes on standard input
    curl -sS -o "$folder/answer" -w '%{http_code}' -X PATCH "$server/v1/uploads/$update" \
        -H "Authorization: Bearer $credential" -H 'Content-Type: application/octet-stream' \
        -H "Upload-Offset: $1" -H "Upload-Length: $size" --data-binary @-
}
echo "first half: HTTP $(head -c "$half" "$folder/update" | send 0)"
offset=$(curl -sS -I -H "Authorization: Bearer $credential" "$server/v1/uploads/$update" \
    | tr -d '\r' | awk -F ': ' 'tolower($1) == "upload-offset" { print $2 }')
echo "the server has $offset of $size bytes"
echo "the rest: HTTP $(tail -c "+$((offset + 1))" "$folder/update" | send "$offset")"

# 7. Hand it in, twice: the second is answered as a duplicate of the first.
result=$(jq -n --arg id "$id" --arg sha256 "$update" --arg size "$size" --arg encoding "$encoding" \
    '{taskId: $id, training: {update: {sha256: $sha256, size: $size, encoding: $encoding},
      exampleCount: "1", stepCount: "1", meanLoss: 0}}')
call Tasks/Submit "$result" | jq -r '"receipt: \(.receipt)"'
call Tasks/Submit "$result" | jq -r '"again: \(.receipt), duplicate: \(.isDuplicate // false)"'

# 8. Leave.
call Enrolment/Leave '{}' >/dev/null
echo "left"
