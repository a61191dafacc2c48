package io.sluice.instance;

import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one event loop, and until when each may go on without a request. A timeout of inactivity would not do, since a byte now
 * and then resets it. Looked at now and then, so that a request costs no timer. Used on its event loop only.
 */
final class Connections {
    private final long headNanos;
    private final long idleNanos;
    private final LongSupplier nanos;
    private final IdentityHashMap<HttpConnection, Wait> open = new IdentityHashMap<>();

    /**
     * No connections yet.
     *
     * @param head how long the first request's head may take, and the rest of a body whose request is answered
     * @param idle how long there may be no request after one, the head of the next included
     */
    Connections(Duration head, Duration idle, LongSupplier nanos) {
        this.headNanos = head.toNanos();
        this.idleNanos = idle.toNanos();
        this.nanos = nanos;
    }

    void opened(HttpConnection connection) {
        open.put(connection, new Wait(nanos.getAsLong() + headNanos));
    }

    void closed(HttpConnection connection) {
        open.remove(connection);
    }

    /** The head of a request has arrived. */
    void begun(HttpServerRequest request) {
        Wait wait = open.get(request.connection());
        if (wait != null) {
            wait.latest = request;
        }
    }

    /** Closes those that waited too long, and says how many. */
    int closeOverdue() {
        long now = nanos.getAsLong();
        List<HttpConnection> overdue = new ArrayList<>();
        open.forEach((connection, wait) -> {
            if (isOverdue(wait, now)) {
                overdue.add(connection);
            }
        });
        overdue.forEach(HttpConnection::close);
        return overdue.size();
    }

    private boolean isOverdue(Wait wait, long now) {
        HttpServerRequest latest = wait.latest;
        if (latest == null) {
            return now - wait.deadline >= 0;
        }
        if (latest.response().ended()) {
            wait.latest = null;
            wait.deadline = now + (latest.isEnded() ? idleNanos : headNanos);
        }
        return false;
    }

    /** Counts while there is no request that is not answered. */
    private static final class Wait {
        private @Nullable HttpServerRequest latest;
        private long deadline;

        Wait(long deadline) {
            this.deadline = deadline;
        }
    }
}
