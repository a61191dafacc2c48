package io.sluice.instance.receive;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** What the sender of an accepted event is told. {@code message} is what existing scripts look at. */
record Answer(
        int status, String state, String eventId, @Nullable String receipt, String instanceId) {
    Answer withReceipt(String newReceipt) {
        return new Answer(status, state, eventId, newReceipt, instanceId);
    }

    Answer as(int newStatus, String newState) {
        return new Answer(newStatus, newState, eventId, receipt, instanceId);
    }

    Buffer toJson() {
        JsonObject json = new JsonObject()
                .put("message", status == 200 ? "200 OK" : status + " Accepted")
                .put("status", state)
                .put("id", eventId)
                .put("event_id", eventId);
        if (receipt != null) {
            json.put("receipt", receipt);
        }
        return json.put("instance_id", instanceId).toBuffer();
    }
}
