package io.sluice.proxy.http1;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** However a message is cut into pieces, it reads the same: the same fields, the same content, refused at the same place or not at all. */
class SplitReadingTest {
    private static final String[] PIECES = {
        "GET / HTTP/1.1\r\n",
        "Host: h\r\n",
        "X:\t y \r\n",
        "\r\n",
        "\n",
        "\r",
        "\r\n\r\n",
        ": ",
        " ",
        "X",
        "5\r\nhello\r\n",
        "0\r\n",
        "A;ext=1\r\n0123456789\r\n",
        "ffffffffffffffff\r\n",
        "\0",
        "1 \r\nx\r\n",
        "Transfer-Encoding: chunked\r\n",
        "\u00ff"
    };

    static LongStream seeds() {
        Long replay = Long.getLong("seed");
        return replay != null ? LongStream.of(replay) : LongStream.range(0, 300);
    }

    /** What came of a message. */
    private static final class Reading implements BodyReader.Receiver {
        private final HeadReader head = new HeadReader(60, 120, 5);
        private final BodyReader body = new BodyReader(60, 3);
        private final StringBuilder content = new StringBuilder();
        private final boolean chunked;
        private String result = "";
        private boolean inBody;
        private boolean over;

        Reading(boolean chunked) {
            this.chunked = chunked;
        }

        void read(ByteBuf in) {
            while (in.isReadable() && !over) {
                if (inBody) {
                    readBody(in);
                } else {
                    readHead(in);
                }
            }
        }

        private void readHead(ByteBuf in) {
            HeadReader.Progress progress = head.read(in);
            if (progress == HeadReader.Progress.INCOMPLETE) {
                return;
            }
            result = progress.toString();
            over = progress != HeadReader.Progress.COMPLETE;
            if (!over) {
                result += RequestLine.of(head) + fields(head.fields());
                inBody = true;
                if (chunked) {
                    body.beginChunked();
                } else {
                    body.beginLength(20);
                }
            }
        }

        private void readBody(ByteBuf in) {
            if (!body.read(in, this)) {
                result += "|malformed";
                over = true;
            }
        }

        private static String fields(Fields fields) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < fields.count(); i++) {
                text.append('|').append(fields.known(i)).append(' ').append(fields.name(i));
                text.append('=').append(fields.value(i));
            }
            return text.toString();
        }

        @Override
        public void bodyReceived(ByteBuf part) {
            content.append(part.toString(StandardCharsets.ISO_8859_1));
            part.release();
        }

        @Override
        public void bodyEnded(@Nullable Fields trailers) {
            result += "|ended" + (trailers == null ? "" : fields(trailers));
            over = true;
        }

        String outcome(int left) {
            return result + "|" + content + "|" + (over && !result.contains("malformed") && inBody ? left : 0);
        }
    }

    private static String read(byte[] message, boolean chunked, List<Integer> cuts) {
        Reading reading = new Reading(chunked);
        int left = 0;
        int from = 0;
        List<Integer> ends = new ArrayList<>(cuts);
        ends.add(message.length);
        for (int end : ends) {
            ByteBuf piece = Unpooled.copiedBuffer(message, from, end - from);
            reading.read(piece);
            left += piece.readableBytes();
            assertThat(piece.release() || end == from)
                    .as("nobody else holds it")
                    .isTrue();
            from = end;
        }
        return reading.outcome(left);
    }

    private static List<Integer> cuts(Random random, int length) {
        return IntStream.range(1, Math.max(1, length))
                .filter(i -> random.nextInt(4) == 0)
                .boxed()
                .toList();
    }

    @ParameterizedTest(name = "seed={0}")
    @MethodSource("seeds")
    void anySplitReadsTheSame(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 30; round++) {
            StringBuilder text = new StringBuilder(random.nextInt(4) == 0 ? "" : "POST /x HTTP/1.1\r\nHost: h\r\n\r\n");
            for (int i = random.nextInt(12); i > 0; i--) {
                text.append(PIECES[random.nextInt(PIECES.length)]);
            }
            byte[] message = text.toString().getBytes(StandardCharsets.ISO_8859_1);
            boolean chunked = random.nextBoolean();
            String whole = read(message, chunked, List.of());
            assertThat(read(message, chunked, cuts(random, message.length)))
                    .as("in pieces: %s", text)
                    .isEqualTo(whole);
            assertThat(read(
                            message,
                            chunked,
                            IntStream.range(1, Math.max(1, message.length))
                                    .boxed()
                                    .toList()))
                    .as("byte by byte: %s", text)
                    .isEqualTo(whole);
        }
    }

    @Test
    void aReaderIsUsedAgainForTheNextMessage() {
        HeadReader head = new HeadReader(100, 20_000, 100);
        for (int i = 0; i < 5; i++) {
            ByteBuf in = Unpooled.copiedBuffer(
                    "GET /" + i + " HTTP/1.1\r\nX: " + "a".repeat(i * 4_000) + "\r\n\r\nrest",
                    StandardCharsets.US_ASCII);
            assertThat(head.read(in)).isEqualTo(HeadReader.Progress.COMPLETE);
            assertThat(head.fields().value(0)).hasSize(i * 4_000);
            assertThat(in.toString(StandardCharsets.US_ASCII)).isEqualTo("rest");
            in.release();
            head.reset();
        }
    }

    @Test
    void limitsAreExact() {
        assertThat(progress("GET /" + "a".repeat(86) + " HTTP/1.1\r\n\r\n")).isEqualTo(HeadReader.Progress.COMPLETE);
        assertThat(progress("GET /" + "a".repeat(87) + " HTTP/1.1\r\n\r\n"))
                .isEqualTo(HeadReader.Progress.LINE_TOO_LONG);
        String line = "GET / HTTP/1.1\r\n";
        assertThat(progress(line + "X: y\r\n".repeat(10) + "\r\n")).isEqualTo(HeadReader.Progress.COMPLETE);
        assertThat(progress(line + "X: y\r\n".repeat(11) + "\r\n")).isEqualTo(HeadReader.Progress.FIELDS_TOO_LARGE);
        assertThat(progress(line + "X: " + "y".repeat(95) + "\r\n\r\n")).isEqualTo(HeadReader.Progress.COMPLETE);
        assertThat(progress(line + "X: " + "y".repeat(96) + "\r\n\r\n"))
                .isEqualTo(HeadReader.Progress.FIELDS_TOO_LARGE);
    }

    private static HeadReader.Progress progress(String head) {
        return new HeadReader(100, 100, 10).read(Unpooled.copiedBuffer(head, StandardCharsets.US_ASCII));
    }
}
