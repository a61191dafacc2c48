package io.sluice.proxy.forward;

import io.sluice.proxy.balance.Tried;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.route.Route;
import io.sluice.proxy.route.RouteTable;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.PoolOptions;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forwards the requests of one event loop. Everything it owns is used on that loop alone: connections to backends, the exchanges that run, and
 * their deadlines. Instead of a timer for each wait there is one sweep over all exchanges every {@value #SWEEP_MILLIS} ms, so that setting a
 * deadline is one assignment; deadlines are met up to that much late, never early.
 */
public final class Forwarder {
    /** How often {@link #sweep()} has to be called. */
    public static final long SWEEP_MILLIS = 50;

    static final Tried NOBODY_TRIED = new Tried();

    private static final long SWEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(SWEEP_MILLIS);
    private static final Logger LOG = LoggerFactory.getLogger(Forwarder.class);
    private static final int MAX_RESPONSE_HEAD_BYTES = 64 * 1024;
    /** The sweep gives up on a connection long before. */
    private static final int CONNECT_MILLIS = 60_000;
    /** A request that came through this proxy so often runs in circles. */
    private static final int MAX_PASSES = 8;

    private final ForwarderSettings settings;
    private final RouteTable routes;
    private final @Nullable ForwardingTarget[] targets;
    private final ReplayMemory replayMemory;
    private final ExchangeObserver observer;
    private final LongSupplier nanoTime;
    private final long epoch;
    private final HttpClientAgent client;
    private final UpstreamConnections connections;
    private final RetryBudget budget;
    private final RequestHeaders requestHeaders;
    private final ResponseHeaders responseHeaders = new ResponseHeaders();
    private final RequestIds requestIds = new RequestIds();
    private final ArrayDeque<Exchange> waiting = new ArrayDeque<>();

    private @Nullable Sweepable firstTracked;
    private int tracked;
    private long now;

    /**
     * To be made on the event loop that it will serve.
     *
     * @param targets by pool name; a route whose pool is missing answers 503
     * @param nanoTime monotonic
     */
    public Forwarder(
            Vertx vertx,
            ForwarderSettings settings,
            RouteTable routes,
            Map<String, ForwardingTarget> targets,
            ReplayMemory replayMemory,
            ExchangeObserver observer,
            LongSupplier nanoTime) {
        this.settings = settings;
        this.routes = routes;
        this.targets =
                routes.routes().stream().map(route -> targets.get(route.pool())).toArray(ForwardingTarget[]::new);
        this.replayMemory = replayMemory;
        this.observer = observer;
        this.nanoTime = nanoTime;
        this.epoch = nanoTime.getAsLong();
        this.client = vertx.createHttpClient(clientOptions(), new PoolOptions());
        this.connections = new UpstreamConnections(client, settings.upstream(), this::nanoTime);
        this.budget = new RetryBudget(nanoTime);
        this.requestHeaders = new RequestHeaders(settings.trustedPeers(), settings.viaName());
    }

    private static HttpClientOptions clientOptions() {
        return new HttpClientOptions()
                .setMaxHeaderSize(MAX_RESPONSE_HEAD_BYTES)
                .setConnectTimeout(CONNECT_MILLIS)
                .setDecompressionSupported(false)
                .setPipelining(false)
                .setTcpNoDelay(true);
    }

    /** Takes a request from its head to the end of its response. Must be called before its body is read. */
    public void handle(HttpServerRequest request, Downstream downstream) {
        try {
            route(request, downstream);
        } catch (RuntimeException bug) {
            LOG.error("request failed: {} {}", request.method(), request.uri(), bug);
            if (request.response().headWritten()) {
                downstream.abort();
            } else {
                refuse(request, downstream, Failure.INTERNAL_ERROR);
            }
        }
    }

    private void route(HttpServerRequest request, Downstream downstream) {
        RequestHead head = RequestHead.of(request);
        Failure refusal = head.check(request.uri());
        if (refusal == null && requestHeaders.passes(head) >= MAX_PASSES) {
            refusal = Failure.LOOP_DETECTED;
        }
        if (refusal != null) {
            refuse(request, downstream, refusal);
            return;
        }
        if (head.isAsterisk()) {
            Answers.writeOptions(request.response());
            downstream.exchangeEnded(request, head.isLast() || head.hasBody());
            return;
        }
        if (head.path().equals(settings.healthPath())) {
            answerHealth(request, head, downstream);
            return;
        }
        Route route = routes.match(head.hostName(), head.path());
        if (route == null) {
            refuse(request, downstream, Failure.NO_ROUTE);
            return;
        }
        ForwardingTarget target = targets[route.index()];
        if (target == null) {
            refuse(request, downstream, Failure.NO_BACKEND);
            return;
        }
        new Exchange(this, request, head, downstream, route, target).start();
    }

    private static void answerHealth(HttpServerRequest request, RequestHead head, Downstream downstream) {
        boolean stopping = downstream.isClosing();
        Answers.writeHealth(request.response(), stopping);
        downstream.exchangeEnded(request, stopping || head.isLast() || head.hasBody());
    }

    /** Takes note of a request that the HTTP library itself has answered, because it was malformed. */
    public void refused(HttpServerRequest request, Downstream downstream) {
        Failure failure = switch (request.response().getStatusCode()) {
            case 414 -> Failure.URI_TOO_LONG;
            case 431 -> Failure.HEAD_TOO_LARGE;
            default -> Failure.BAD_REQUEST;
        };
        observer.exchangeEnded(new Refusal(request, downstream.peer(), failure, 0));
    }

    /** Answers a request that gets no further, whatever is left of its body. */
    private void refuse(HttpServerRequest request, Downstream downstream, Failure failure) {
        // A refused head may be part of an attack on the framing of this connection: nothing after it is believed.
        boolean closes = failure != Failure.NO_ROUTE || hasBody(request) || downstream.isClosing();
        Answers.write(request.response(), failure, requestIds.next(), HttpMethod.HEAD.equals(request.method()), closes);
        observer.exchangeEnded(new Refusal(request, downstream.peer(), failure, 0));
        downstream.exchangeEnded(request, closes);
    }

    private static boolean hasBody(HttpServerRequest request) {
        return request.headers().contains(HeaderNames.TRANSFER_ENCODING)
                || request.headers().contains(HeaderNames.CONTENT_LENGTH);
    }

    /** Ends what is overdue. */
    public void sweep() {
        now = nanoTime();
        Sweepable each = firstTracked;
        while (each != null) {
            // Ending it takes it out of the list.
            Sweepable next = each.nextTracked;
            if (now >= each.deadline) {
                each.onDeadline(now);
            }
            each = next;
        }
        retryWaiting();
        connections.sweep(now);
    }

    /** The pool may have an eligible backend again. */
    public void retryWaiting() {
        waiting.removeIf(Exchange::tryAgain);
    }

    public boolean hasWaiting() {
        return !waiting.isEmpty();
    }

    /** Closes idle connections to a backend that left the pool or is held. */
    public void closeIdle(Backend backend) {
        connections.closeIdle(backend);
    }

    /** Exchanges that run. */
    public int running() {
        return tracked;
    }

    /** Idle connections to backends. */
    public int idleConnections() {
        return connections.idleCount();
    }

    /** Closes all connections to backends. */
    public void close() {
        connections.closeAll();
        client.close();
    }

    void track(Sweepable one) {
        Sweepable first = firstTracked;
        one.nextTracked = first;
        if (first != null) {
            first.previousTracked = one;
        }
        firstTracked = one;
        tracked++;
    }

    void untrack(Sweepable one) {
        Sweepable before = one.previousTracked;
        Sweepable after = one.nextTracked;
        if (before == null) {
            firstTracked = after;
        } else {
            before.nextTracked = after;
        }
        if (after != null) {
            after.previousTracked = before;
        }
        one.previousTracked = null;
        tracked--;
    }

    void enqueue(Exchange exchange) {
        waiting.add(exchange);
    }

    /** The loop's time, exact. */
    long nanoTime() {
        return nanoTime.getAsLong() - epoch;
    }

    /** The loop's time as of the last sweep. */
    long now() {
        return now;
    }

    long deadlineIn(long nanos) {
        return now + SWEEP_NANOS + nanos;
    }

    String requestId(RequestHead head, DownstreamPeer peer) {
        String given = head.requestId();
        return given != null && peer.trusted() && RequestIds.isAcceptable(given) ? given : requestIds.next();
    }

    UpstreamConnections connections() {
        return connections;
    }

    RetryBudget budget() {
        return budget;
    }

    ReplayMemory replayMemory() {
        return replayMemory;
    }

    ExchangeObserver observer() {
        return observer;
    }

    RequestHeaders requestHeaders() {
        return requestHeaders;
    }

    ResponseHeaders responseHeaders() {
        return responseHeaders;
    }
}
