package io.sluice.proxy.discovery;

import io.netty.channel.AddressedEnvelope;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsNameResolverChannelStrategy;
import io.netty.resolver.dns.DnsNameResolverTimeoutException;
import io.sluice.proxy.discovery.LookupException.Kind;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * Asks name servers by UDP, from another port each time, and by TCP what did not fit. Futures complete on its own thread and fail with {@link
 * LookupException}.
 */
final class NameServerClient implements AutoCloseable {
    private final DnsNameResolver resolver;

    /** @param timeout of one question to one name server */
    NameServerClient(EventLoop loop, Duration timeout) {
        this.resolver = new DnsNameResolverBuilder(loop)
                .datagramChannelType(NioDatagramChannel.class)
                .datagramChannelStrategy(DnsNameResolverChannelStrategy.ChannelPerResolution)
                .socketChannelType(NioSocketChannel.class)
                .queryTimeoutMillis(timeout.toMillis())
                // Some small servers refuse questions with EDNS; what does not fit without it is asked for by TCP.
                .optResourceEnabled(false)
                .build();
    }

    /** The records of one type. {@code name} ends with a dot. */
    Future<Records> query(InetSocketAddress server, String name, DnsRecordType type) {
        Promise<Records> records = Promise.promise();
        DnsQuestion question = new DefaultDnsQuestion(name, type);
        resolver.query(server, question).addListener(asked -> {
            if (asked.isSuccess()) {
                @SuppressWarnings("unchecked") // What the query's own future says; listeners are not told its type.
                var answer = (AddressedEnvelope<DnsResponse, InetSocketAddress>) asked.getNow();
                try {
                    records.complete(read(answer.content(), question, server));
                } catch (RuntimeException e) {
                    records.fail(
                            e instanceof LookupException
                                    ? e
                                    : new LookupException(Kind.OTHER, server + " sent what is no answer: " + e));
                } finally {
                    answer.release();
                }
            } else {
                records.fail(failure(asked.cause(), server));
            }
        });
        return records.future();
    }

    private static Records read(DnsResponse response, DnsQuestion question, InetSocketAddress server) {
        DnsResponseCode code = response.code();
        if (code.equals(DnsResponseCode.NXDOMAIN)) {
            return Records.NO_NAME;
        }
        if (!code.equals(DnsResponseCode.NOERROR)) {
            throw new LookupException(kind(code), text(server) + " answered " + code);
        }
        if (response.isTruncated()) {
            throw new LookupException(
                    Kind.TRUNCATED,
                    "the answer of " + text(server) + " is cut off, and the rest was not to be had by TCP");
        }
        return RecordReader.read(response, question);
    }

    private static Kind kind(DnsResponseCode code) {
        if (code.equals(DnsResponseCode.SERVFAIL)) {
            return Kind.SERVFAIL;
        }
        return code.equals(DnsResponseCode.REFUSED) ? Kind.REFUSED : Kind.OTHER;
    }

    private static LookupException failure(Throwable cause, InetSocketAddress server) {
        boolean late = cause instanceof DnsNameResolverTimeoutException;
        return late
                ? new LookupException(Kind.TIMEOUT, text(server) + " did not answer")
                : new LookupException(Kind.OTHER, text(server) + " could not be asked: " + rootOf(cause));
    }

    private static Throwable rootOf(Throwable cause) {
        Throwable root = cause;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }

    private static String text(InetSocketAddress server) {
        return server.getAddress().getHostAddress() + ":" + server.getPort();
    }

    @Override
    public void close() {
        resolver.close();
    }
}
