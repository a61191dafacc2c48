package io.sluice.proxy.forward;

import io.sluice.proxy.pool.Backend;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpConnectOptions;
import java.util.ArrayDeque;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The idle connections of one event loop, a stack for each incarnation of a backend. The one used last is taken first: it is the least likely to
 * have been closed by the backend meanwhile, and those at the bottom can expire.
 *
 * <p>Connections are opened on the loop that serves the client, so that an exchange never changes threads, and they are ours alone: the HTTP
 * client's own pool hands out expired connections, loses slots when a request is abandoned early, and costs half of the time of a request.
 */
final class UpstreamConnections {
    private static final class Stack {
        final HttpConnectOptions options;
        final ArrayDeque<UpstreamConnection> idle = new ArrayDeque<>();

        Stack(Backend backend) {
            options = new HttpConnectOptions().setHost(backend.host()).setPort(backend.port());
        }
    }

    private final HttpClientAgent client;
    private final LongSupplier nanoTime;
    private final int maxIdle;
    private final long idleNanos;
    private final long freshNanos;
    private final IdentityHashMap<Backend, Stack> stacks = new IdentityHashMap<>();

    UpstreamConnections(HttpClientAgent client, UpstreamSettings settings, LongSupplier nanoTime) {
        this.client = client;
        this.nanoTime = nanoTime;
        this.maxIdle = settings.maxIdlePerBackend();
        this.idleNanos = settings.idleTimeout().toNanos();
        this.freshNanos = settings.freshness().toNanos();
    }

    /**
     * An idle connection that is believed to be alive; null when there is none.
     *
     * @param fresh whether only one that was used a moment ago will do, since the request could not be repeated
     */
    @Nullable
    UpstreamConnection poll(Backend backend, boolean fresh) {
        Stack stack = stacks.get(backend);
        if (stack == null) {
            return null;
        }
        UpstreamConnection last = stack.idle.peekLast();
        while (last != null && last.isOutdated()) {
            // We were told to close them all, but that message may still be waiting behind this request.
            stack.idle.pollLast();
            discard(last);
            last = stack.idle.peekLast();
        }
        if (last == null || nanoTime.getAsLong() - last.idleSince() > (fresh ? freshNanos : idleNanos)) {
            return null;
        }
        stack.idle.pollLast();
        return last;
    }

    /** Opens a connection; never gives up by itself, since whoever waits has a deadline. */
    Future<UpstreamConnection> connect(Backend backend) {
        int timesHeld = backend.timesHeld();
        return client.connect(stack(backend).options).map(transport -> open(backend, transport, timesHeld));
    }

    private UpstreamConnection open(Backend backend, HttpClientConnection transport, int timesHeld) {
        UpstreamConnection connection = new UpstreamConnection(backend, transport, timesHeld);
        transport.closeHandler(closed -> forget(connection));
        // What goes wrong on it is told to the request that runs on it; without one there is nobody to tell.
        transport.exceptionHandler(ignored -> {});
        return connection;
    }

    private void forget(UpstreamConnection connection) {
        connection.markClosed();
        Stack stack = stacks.get(connection.backend());
        if (stack != null) {
            stack.idle.remove(connection);
        }
    }

    /** Takes back a connection on which a request and its response have both ended. */
    void giveBack(UpstreamConnection connection) {
        Backend backend = connection.backend();
        if (connection.isClosed()) {
            return;
        }
        // A held backend may be about to restart: what is kept now would be dead when it returns.
        if (backend.isClosed() || connection.isOutdated()) {
            discard(connection);
            return;
        }
        Stack stack = stack(backend);
        if (stack.idle.size() >= maxIdle) {
            discard(connection);
            return;
        }
        connection.becomeIdle(nanoTime.getAsLong());
        stack.idle.addLast(connection);
    }

    /** Closes a connection in whatever state it is; also the only way to abandon a request that was begun. */
    void discard(UpstreamConnection connection) {
        if (!connection.isClosed()) {
            connection.markClosed();
            connection.transport().close();
        }
    }

    /** Closes what is idle to a backend, because it left the pool or is held. */
    void closeIdle(Backend backend) {
        Stack stack = stacks.remove(backend);
        if (stack != null) {
            stack.idle.forEach(this::discard);
        }
    }

    /** Closes what has been idle for too long. */
    void sweep(long now) {
        for (Iterator<Stack> each = stacks.values().iterator(); each.hasNext(); ) {
            Stack stack = each.next();
            UpstreamConnection oldest = stack.idle.peekFirst();
            while (oldest != null && now - oldest.idleSince() > idleNanos) {
                stack.idle.pollFirst();
                discard(oldest);
                oldest = stack.idle.peekFirst();
            }
            if (stack.idle.isEmpty()) {
                each.remove();
            }
        }
    }

    void closeAll() {
        // Closing a connection may tell us at once, so nothing may find the stacks any more.
        List<Stack> all = List.copyOf(stacks.values());
        stacks.clear();
        all.forEach(stack -> stack.idle.forEach(this::discard));
    }

    int idleCount() {
        return stacks.values().stream().mapToInt(stack -> stack.idle.size()).sum();
    }

    private Stack stack(Backend backend) {
        Stack stack = stacks.get(backend);
        if (stack == null) {
            stack = new Stack(backend);
            stacks.put(backend, stack);
        }
        return stack;
    }
}
