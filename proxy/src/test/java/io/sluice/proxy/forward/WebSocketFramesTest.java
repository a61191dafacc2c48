package io.sluice.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class WebSocketFramesTest {
    private static final int[] LENGTHS = {0, 1, 5, 125, 126, 127, 300, 65_535, 65_536, 70_000};

    static LongStream seeds() {
        Long given = Long.getLong("seed");
        return given == null ? LongStream.range(0, 50) : LongStream.of(given);
    }

    private static void write(ByteBuf to, int opcode, int length, boolean masked) {
        int mask = masked ? 0x80 : 0;
        to.writeByte(0x80 | opcode);
        if (length < 126) {
            to.writeByte(mask | length);
        } else if (length < 65_536) {
            to.writeByte(mask | 126).writeShort(length);
        } else {
            to.writeByte(mask | 127).writeLong(length);
        }
        if (masked) {
            to.writeInt(0x01020304);
        }
        // Looks like the header of a close frame, which it is not.
        for (int i = 0; i < length; i++) {
            to.writeByte(0x88);
        }
    }

    @ParameterizedTest(name = "seed={0}")
    @MethodSource("seeds")
    void boundariesAreFoundHoweverTheFramesAreCut(long seed) {
        Random random = new Random(seed);
        ByteBuf stream = Unpooled.buffer();
        List<Integer> ends = new ArrayList<>(List.of(0));
        for (int i = 0; i < 20; i++) {
            write(stream, 1 + random.nextInt(2), LENGTHS[random.nextInt(LENGTHS.length)], random.nextBoolean());
            ends.add(stream.writerIndex());
        }
        WebSocketFrames frames = new WebSocketFrames();
        while (stream.isReadable()) {
            boolean atBoundary = ends.contains(stream.readerIndex());
            assertThat(frames.isAtBoundary()).isEqualTo(atBoundary);
            assertThat(frames.isClosed()).isFalse();
            int step = 1 + random.nextInt(random.nextBoolean() ? 4 : 3_000);
            ByteBuf part = stream.slice(stream.readerIndex(), Math.min(step, stream.readableBytes()));
            if (atBoundary || random.nextBoolean()) {
                frames.pass(part);
                stream.skipBytes(part.readableBytes());
            } else {
                int position = stream.readerIndex();
                int end = ends.stream()
                        .filter(each -> each > position)
                        .findFirst()
                        .orElseThrow();
                int rest = frames.passRestOfFrame(part);
                assertThat(rest).isEqualTo(Math.min(part.readableBytes(), end - position));
                stream.skipBytes(rest);
            }
        }
        assertThat(frames.isAtBoundary()).isTrue();
    }

    @Test
    void afterACloseFrameNothingMayCome() {
        WebSocketFrames frames = new WebSocketFrames();
        ByteBuf stream = Unpooled.buffer();
        write(stream, 8, 2, true);
        frames.pass(stream.readSlice(5));
        assertThat(frames.isClosed()).isFalse();
        frames.pass(stream);
        assertThat(frames.isClosed()).isTrue();
    }

    @Test
    void closeFramesAreWhatTheStandardSays() {
        UnpooledByteBufAllocator allocator = UnpooledByteBufAllocator.DEFAULT;
        assertThat(hex(WebSocketFrames.closeForClient(allocator, 1012))).isEqualTo("880203f4");
        assertThat(hex(WebSocketFrames.closeForServer(allocator, 1001, 0x11223344)))
                .isEqualTo("888211223344" + HexFormat.of().toHexDigits((short) (1001 ^ 0x1122)));
    }

    private static String hex(ByteBuf frame) {
        String hex = ByteBufUtil.hexDump(frame);
        frame.release();
        return hex;
    }
}
