package io.sluice.service.admin;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.sluice.service.problem.Problem;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Server-sent events (WHATWG HTML §9.2) that a client can resume. The last events are remembered: one that comes back with {@code
 * Last-Event-ID} gets what it missed; when that is forgotten already, it gets a {@code reset} event and the snapshot. A heartbeat comment
 * keeps the connection alive; a client that does not read is cut off, and comes back for what it missed.
 *
 * <p>Events may be published from any thread. One lock guards ring and clients, so that a new client is given the remembered events and
 * put on the list in one step: it misses none and gets none twice.
 */
public final class EventStream {
    /** Half of the shortest idle timeout found in proxies on the way (30 s). */
    static final long HEARTBEAT_MILLIS = 15_000;

    private static final int MAX_CLIENTS = 200;

    /** Characters of remembered events; one that is longer is remembered alone. */
    static final int MAX_REMEMBERED = 8 << 20;

    private static final String LAST_EVENT_ID = "Last-Event-ID";

    private final Vertx vertx;
    private final int remembered;
    private final Object lock = new Object();

    @GuardedBy("lock")
    private final Deque<ServerEvent> ring = new ArrayDeque<>();

    @GuardedBy("lock")
    private long length;

    @GuardedBy("lock")
    private final Set<EventClient> clients = new LinkedHashSet<>();

    @GuardedBy("lock")
    private long lastId;

    @GuardedBy("lock")
    private long lastForgotten;

    @GuardedBy("lock")
    private boolean closed;

    @GuardedBy("lock")
    private long heartbeat;

    /** @param remembered how many events, at most, a client may miss and still be brought up to date; fewer when they are long */
    public EventStream(Vertx vertx, int remembered) {
        this.vertx = vertx;
        this.remembered = remembered;
        this.heartbeat = vertx.setPeriodic(HEARTBEAT_MILLIS, id -> beat());
    }

    /** Says that ids up to {@code id} are spent and their events not remembered, as after a restart. */
    public void startAfter(long id) {
        synchronized (lock) {
            lastId = id;
            lastForgotten = id;
        }
    }

    /** The id after which every event is remembered: who names it as the last one it saw gets all of them. */
    public long resumableAfter() {
        synchronized (lock) {
            return lastForgotten;
        }
    }

    /** Sends an event to whom it concerns. */
    public void publish(long id, String name, String json) {
        publish(new ServerEvent(id, name, json, null));
    }

    /** As {@link #publish(long, String, String)}; ids have to rise. */
    public void publish(ServerEvent event) {
        synchronized (lock) {
            if (closed) {
                return;
            }
            if (event.id() <= lastId) {
                throw new IllegalArgumentException("event id: " + event.id() + " (expected: > " + lastId + ")");
            }
            lastId = event.id();
            remember(event);
            clients.forEach(client -> client.offer(event));
        }
    }

    @GuardedBy("lock")
    private void remember(ServerEvent event) {
        ring.addLast(event);
        length += event.data().length();
        while (ring.size() > remembered || (length > MAX_REMEMBERED && ring.size() > 1)) {
            ServerEvent oldest = ring.removeFirst();
            length -= oldest.data().length();
            lastForgotten = oldest.id();
        }
    }

    /** Answers with the stream of all events. */
    public Handler<RoutingContext> handler() {
        return handler(ctx -> Subscription.EVERYTHING);
    }

    /** Answers with the stream that {@code subscription} chooses for the request. */
    public Handler<RoutingContext> handler(Function<RoutingContext, Subscription> subscription) {
        return ctx -> subscribe(ctx, subscription.apply(ctx));
    }

    /** Takes clients again after {@link #close}. */
    void reopen() {
        synchronized (lock) {
            if (closed) {
                closed = false;
                heartbeat = vertx.setPeriodic(HEARTBEAT_MILLIS, id -> beat());
            }
        }
    }

    /** Ends all streams; nobody is told what is published later. */
    public void close() {
        List<EventClient> ending;
        synchronized (lock) {
            vertx.cancelTimer(heartbeat);
            closed = true;
            ending = new ArrayList<>(clients);
            clients.clear();
        }
        ending.forEach(EventClient::end);
    }

    private void subscribe(RoutingContext ctx, Subscription subscription) {
        Optional<Long> seen = lastEventId(ctx);
        synchronized (lock) {
            if (subscription.isComplete(seen.orElse(0L))) {
                ctx.response().setStatusCode(204).end();
                return;
            }
            if (closed || clients.size() >= MAX_CLIENTS) {
                throw Problem.of("too-many-streams", 503, "No more event streams")
                        .withDetail(closed ? "the process is stopping" : MAX_CLIENTS + " clients are connected")
                        .asException();
            }
            EventClient client = new EventClient(vertx, ctx, subscription, this::remove);
            clients.add(client);
            client.begin(backlog(seen, subscription));
        }
    }

    @GuardedBy("lock")
    private List<ServerEvent> backlog(Optional<Long> seen, Subscription subscription) {
        List<ServerEvent> events = new ArrayList<>();
        boolean gap = seen.isPresent() && (seen.get() < lastForgotten || seen.get() > lastId);
        if (gap) {
            events.add(new ServerEvent(lastId, "reset", "{\"lastEventId\":" + lastId + "}", null));
        }
        if (gap || seen.isEmpty()) {
            events.addAll(subscription.snapshot());
            return events;
        }
        ring.stream()
                .filter(e -> e.id() > seen.get() && subscription.includes(e))
                .forEach(events::add);
        return events;
    }

    private void remove(EventClient client) {
        synchronized (lock) {
            clients.remove(client);
        }
    }

    private void beat() {
        synchronized (lock) {
            clients.forEach(EventClient::beat);
        }
    }

    private static Optional<Long> lastEventId(RoutingContext ctx) {
        @Nullable String header = ctx.request().getHeader(LAST_EVENT_ID);
        try {
            return header == null || header.isBlank() ? Optional.empty() : Optional.of(Long.parseLong(header.strip()));
        } catch (NumberFormatException e) {
            // An id we never gave: as good as none.
            return Optional.empty();
        }
    }
}
