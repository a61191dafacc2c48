package io.sluice.service.admin;

import org.jspecify.annotations.Nullable;

/**
 * One server-sent event.
 *
 * @param id rises from event to event; 0 for one that does not count, such as a snapshot before the first
 * @param name its kind
 * @param data JSON on one line
 * @param topic what it is about, for subscribers that want only that
 */
public record ServerEvent(
        long id, String name, String data, @Nullable String topic) {
    public ServerEvent {
        if (data.indexOf('\n') >= 0 || data.indexOf('\r') >= 0 || name.indexOf('\n') >= 0) {
            throw new IllegalArgumentException("event " + id + ": several lines (expected: JSON on one line)");
        }
    }

    String frame() {
        return "id: " + id + "\nevent: " + name + "\ndata: " + data + "\n\n";
    }
}
