#!/usr/bin/env bash
# Takes part in one round with nothing but curl, and Python to read and write JSON: the protocol by hand.
# The "training" is no more than an update of zeros: what is shown is how to ask and to answer.
#
#   ./round.sh [SERVER] [JOIN_TOKEN] [DATA_SIGNATURE]
#
# More options for curl, such as --cacert ca.pem, in CURL_OPTIONS. Ends with 0 if the server has accepted the update,
# and has known it again when it was handed in twice.
set -euo pipefail

server=${1:-http://127.0.0.1:8470}
token=${2:-}
signature=${3:-}
read -r -a options <<<"${CURL_OPTIONS:-}"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

stop() { echo "round.sh: $*" >&2; exit 1; }
for tool in curl python3 sha256sum; do
    command -v "$tool" >/dev/null || stop "needs $tool"
done

# field JSON EXPRESSION: prints what the expression makes of the JSON, which it calls it.
field() { python3 -c 'import json, sys; it = json.loads(sys.argv[1]); print(eval(sys.argv[2]))' "$1" "$2"; }
# object NAME VALUE …: a JSON object of texts.
object() { python3 -c 'import json, sys; a = sys.argv[1:]; print(json.dumps(dict(zip(a[::2], a[1::2]))))' "$@"; }

# http …: curl that prints the status, and leaves the body in the folder; stops where no answer comes.
http() {
    curl -sS --max-time 120 -o "$folder/answer" -w '%{http_code}' \
        ${options[@]+"${options[@]}"} ${credential:+-H "Authorization: Bearer $credential"} "$@"
}
# call SERVICE/METHOD JSON: prints the answer; an error's JSON is printed too, and ends the script.
credential=
call() {
    local status
    status=$(http -H 'Content-Type: application/json' --data "$2" "$server/tributary.v1.$1")
    [ "$status" = 200 ] || stop "$1 answered HTTP $status: $(cat "$folder/answer")"
    cat "$folder/answer"
}

# 1. Register. The key makes the client the same client when it comes again; bytes are base64 in JSON.
key=$(head -c 32 /dev/urandom | base64 | tr -d '\n')
answer=$(call Enrolment/Register "$(object protocolVersion 1 joinToken "$token" registrationKey "$key" \
    clientVersion 0.1.0 dataSignature "$signature")")
credential=$(field "$answer" 'it["credential"]')
echo "registered as client $(field "$answer" 'it["clientId"]')"

# 2. Poll until there is a task. Come back within the window of the answer. 64-bit numbers are texts in JSON.
while :; do
    answer=$(call Tasks/Poll '{"protocolVersion": 1, "waitMs": "20000"}')
    [ "$(field "$answer" '"task" in it')" = True ] && break
    sleep "$(field "$answer" 'int(it.get("retry", {}).get("earliestMs", 0)) / 1000')"
done
task=$(field "$answer" 'json.dumps(it["task"])')
id=$(field "$task" 'it["id"]')
echo "task $id: $(field "$task" 'it.get("modelName", "a model")'), $(field "$task" 'it["model"]["size"]') bytes"

if [ "$(field "$task" 'it["kind"]')" != KIND_TRAIN ]; then
    call Tasks/ReportFailure "$(object taskId "$id" cause CAUSE_NO_DATA)" >/dev/null
    stop "the task was not one of training, and is given back"
fi

# 3. Fetch the model by its digest, and check it.
digest=$(field "$task" 'it["model"]["sha256"]')
status=$(http "$server/v1/blobs/$digest")
[ "$status" = 200 ] || stop "the model answered HTTP $status: $(cat "$folder/answer")"
echo "$digest  $folder/answer" | sha256sum --check --quiet

# 4. Say that the task is still worked on; a third of the lease is a good time for the next.
answer=$(call Tasks/Heartbeat "$(object taskId "$id" progress 0.5)")
echo "the round goes on: $(field "$answer" 'it.get("goesOn", False)'), for $(field "$answer" 'it["timeLeftMs"]') ms"

# 5. The update: local model minus given model, in the encoding that the task asks for. This one goes nowhere in particular.
encoding=$(field "$task" 'it["updateEncoding"]')
python3 - "$task" >"$folder/update" <<'END'
import json, math, random, struct, sys
task = json.loads(sys.argv[1])
count = sum(math.prod(map(int, tensor.get("shape", []))) for tensor in task["layout"])
for _ in range(count):
    number = random.uniform(-1e-3, 1e-3)
    if task["updateEncoding"] == "ENCODING_BF16":
        sys.stdout.buffer.write(struct.pack("<f", number)[2:])
    else:
        sys.stdout.buffer.write(struct.pack({"ENCODING_F32": "<f", "ENCODING_F16": "<e"}[task["updateEncoding"]], number))
END
update=$(sha256sum "$folder/update" | cut -d ' ' -f 1)
size=$(($(wc -c <"$folder/update")))

# 6. Send it in two parts, as a client does whose connection broke in the middle.
send() { # OFFSET, bytes on standard input
    http -X PATCH -H 'Content-Type: application/octet-stream' -H "Upload-Offset: $1" -H "Upload-Length: $size" \
        --data-binary @- "$server/v1/uploads/$update"
}
status=$(head -c $((size / 2)) "$folder/update" | send 0)
[ "$status" = 204 ] || stop "the first half answered HTTP $status: $(cat "$folder/answer")"
http --head -D "$folder/head" "$server/v1/uploads/$update" >/dev/null
offset=$(tr -d '\r' <"$folder/head" | awk -F ': ' 'tolower($1) == "upload-offset" { print $2 }')
echo "the server has $offset of $size bytes"
status=$(tail -c "+$((offset + 1))" "$folder/update" | send "$offset")
[ "$status" = 201 ] || stop "the rest answered HTTP $status: $(cat "$folder/answer")"

# 7. Hand it in, twice: the second is answered as a duplicate of the first.
result=$(python3 -c 'import json, sys
task, sha256, size, encoding = sys.argv[1:]
update = {"sha256": sha256, "size": size, "encoding": encoding}
print(json.dumps({"taskId": task, "training": {"update": update, "exampleCount": 1, "stepCount": 1, "meanLoss": 0.5}}))
' "$id" "$update" "$size" "$encoding")
first=$(call Tasks/Submit "$result")
echo "receipt: $(field "$first" 'it["receipt"]')"
again=$(call Tasks/Submit "$result")
echo "again: $(field "$again" 'it["receipt"]'), duplicate: $(field "$again" 'it.get("isDuplicate", False)')"

# 8. Leave.
call Enrolment/Leave '{}' >/dev/null
echo "left"
[ "$(field "$first" 'it["receipt"]') $(field "$again" 'it["receipt"], it.get("isDuplicate", False)')" = \
    "RECEIPT_ACCEPTED ('RECEIPT_ACCEPTED', True)" ] || stop "the update was not accepted, or not known again"
