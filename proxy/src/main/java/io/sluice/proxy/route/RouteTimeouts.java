package io.sluice.proxy.route;

import io.sluice.service.settings.SettingsReader;
import java.time.Duration;

/**
 * How long each phase of an exchange may take. All are bounded by a coarse sweep, so that each may end up to 50 ms late.
 *
 * @param queue how long to wait for an eligible backend when there is none; 0 answers 503 at once
 * @param connect for one connection attempt
 * @param send longest pause of the client while it sends its body, and of a peer that does not take what we send
 * @param head from the request being written to the head of its response, per attempt
 * @param idle longest pause between two parts of a response, and in a tunnel
 * @param total from the client's body being complete to the response head, over all attempts
 */
public record RouteTimeouts(
        Duration queue, Duration connect, Duration send, Duration head, Duration idle, Duration total) {
    /** Long enough that a change of the pool is latency instead of an error, short enough that an outage is seen. */
    private static final Duration QUEUE = Duration.ofSeconds(1);

    private static final Duration CONNECT = Duration.ofSeconds(2);
    private static final Duration SEND = Duration.ofSeconds(30);
    private static final Duration HEAD = Duration.ofSeconds(10);
    private static final Duration IDLE = Duration.ofSeconds(60);
    private static final Duration TOTAL = Duration.ofSeconds(10);

    /** Reads {@code queue-timeout}, {@code connect-timeout}, {@code send-timeout}, {@code head-timeout}, {@code idle-timeout}, {@code timeout}. */
    static RouteTimeouts read(SettingsReader reader) {
        Duration least = Duration.ofMillis(1);
        return new RouteTimeouts(
                reader.duration("queue-timeout", QUEUE, Duration.ZERO),
                reader.duration("connect-timeout", CONNECT, least),
                reader.duration("send-timeout", SEND, least),
                reader.duration("head-timeout", HEAD, least),
                reader.duration("idle-timeout", IDLE, least),
                reader.duration("timeout", TOTAL, least));
    }
}
