package io.sluice.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.PooledByteBufAllocator;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.CRC32C;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Bodies far larger than all memory that the proxy may take for them, between a writer that never waits and a reader that pauses until the writer
 * cannot go on. {@code -Dlarge-body-mib=4096} for the sizes beyond 32 bits.
 */
class LargeBodyIT {
    private static final long BYTES = Long.getLong("large-body-mib", 256) << 20;
    private static final int CHUNK = 64 * 1024;
    private static final long PAUSE_BYTES = Math.max(32L << 20, BYTES / 16);
    /** Sockets' buffers on both sides, which are the kernel's to size, and little more. */
    private static final long MOST_UNDERWAY = 48L << 20;

    private static final long MOST_MEMORY = 24L << 20;

    private final AtomicLong written = new AtomicLong();
    private final AtomicLong read = new AtomicLong();

    private interface Out {
        void write(byte[] bytes) throws IOException;
    }

    private long write(Out out, boolean chunked) throws IOException {
        CRC32C sum = new CRC32C();
        byte[] block = new byte[CHUNK];
        for (int i = 0; i < block.length; i++) {
            block[i] = (byte) (i * 31 ^ i >> 8);
        }
        byte[] size = (Integer.toHexString(CHUNK) + "\r\n").getBytes(StandardCharsets.US_ASCII);
        byte[] end = "\r\n".getBytes(StandardCharsets.US_ASCII);
        for (long at = 0; at < BYTES; at += CHUNK) {
            // No two blocks are alike, or one that is lost and one that is repeated would make up for each other.
            for (int i = 0; i < Long.BYTES; i++) {
                block[i] = (byte) (at >> (i * 8));
            }
            sum.update(block);
            if (chunked) {
                out.write(size);
            }
            out.write(block);
            if (chunked) {
                out.write(end);
            }
            written.addAndGet(CHUNK);
        }
        if (chunked) {
            out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        }
        return sum.getValue();
    }

    private long read(InputStream from, boolean chunked) throws IOException {
        InputStream in = new BufferedInputStream(from, CHUNK);
        CRC32C sum = new CRC32C();
        byte[] buffer = new byte[16 * 1024];
        long left = chunked ? 0 : BYTES;
        boolean first = true;
        while (true) {
            if (left == 0 && chunked) {
                left = nextChunk(in, first);
                first = false;
            }
            if (left == 0) {
                return sum.getValue();
            }
            int bytes = in.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (bytes < 0) {
                throw new IOException("ended after " + read.get());
            }
            sum.update(buffer, 0, bytes);
            left -= bytes;
            long now = read.addAndGet(bytes);
            if (now / PAUSE_BYTES != (now - bytes) / PAUSE_BYTES) {
                awaitBlockedWriter();
            }
        }
    }

    private static long nextChunk(InputStream in, boolean first) throws IOException {
        if (!first) {
            in.readNBytes(2);
        }
        StringBuilder size = new StringBuilder();
        int octet = in.read();
        while (octet >= 0 && octet != '\r') {
            size.append((char) octet);
            octet = in.read();
        }
        in.read();
        long bytes = Long.parseLong(size.toString(), 16);
        if (bytes == 0) {
            in.readNBytes(2);
        }
        return bytes;
    }

    /** Pauses until nothing more is written, and looks at how much is underway then. */
    private void awaitBlockedWriter() {
        long before = -1;
        long now = written.get();
        while (now != before) {
            before = now;
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
            now = written.get();
        }
        assertThat(now - read.get()).isLessThan(MOST_UNDERWAY);
        assertThat(PooledByteBufAllocator.DEFAULT.pinnedDirectMemory()).isLessThan(MOST_MEMORY);
    }

    @ParameterizedTest(name = "up, chunked={0}")
    @CsvSource({"false", "true"})
    void anUploadArrivesWhole(boolean chunked) throws Exception {
        CompletableFuture<Long> received = new CompletableFuture<>();
        try (RawBackend backend = new RawBackend(connection -> {
                    connection.readHead();
                    try {
                        received.complete(read(connection.in(), chunked));
                    } catch (IOException | AssertionError e) {
                        received.completeExceptionally(e);
                    }
                    connection.respond(200, "ok");
                });
                TestProxy proxy = TestProxy.replaying(CHUNK, backend);
                RawClient client = new RawClient(proxy.port())) {
            client.write("POST / HTTP/1.1\r\nHost: h\r\n" + framing(chunked) + "\r\n");
            long sent = write(client::write, chunked);
            assertThat(client.read().status()).isEqualTo(200);
            assertThat(received.get(20, TimeUnit.SECONDS)).isEqualTo(sent);
            assertThat(proxy.nextExchange().requestBytes()).isEqualTo(BYTES);
        }
    }

    @ParameterizedTest(name = "down, chunked={0}")
    @CsvSource({"false", "true"})
    void aDownloadArrivesWhole(boolean chunked) throws Exception {
        CompletableFuture<Long> sent = new CompletableFuture<>();
        try (RawBackend backend = new RawBackend(connection -> {
                    connection.readRequest();
                    connection.write("HTTP/1.1 200 OK\r\n" + framing(chunked) + "\r\n");
                    sent.complete(write(connection::write, chunked));
                    connection.readHead();
                });
                TestProxy proxy = TestProxy.replaying(CHUNK, backend);
                RawClient client = new RawClient(proxy.port())) {
            client.write("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(client.readHead()).contains(framing(chunked));
            long received = read(client.in(), chunked);
            assertThat(received).isEqualTo(sent.get(20, TimeUnit.SECONDS));
            assertThat(proxy.nextExchange().responseBytes()).isEqualTo(BYTES);
        }
    }

    private static String framing(boolean chunked) {
        return chunked ? "Transfer-Encoding: chunked\r\n" : "Content-Length: " + BYTES + "\r\n";
    }
}
