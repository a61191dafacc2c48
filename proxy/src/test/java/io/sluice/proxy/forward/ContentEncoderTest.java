package io.sluice.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import com.aayushatharva.brotli4j.decoder.BrotliInputStream;
import com.github.luben.zstd.ZstdInputStream;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.sluice.proxy.route.CompressionLevels;
import io.sluice.proxy.route.ContentCoding;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ContentEncoderTest {
    private final ByteArrayOutputStream encoded = new ByteArrayOutputStream();

    private void keep(ByteBuf out) throws IOException {
        out.readBytes(encoded, out.readableBytes());
        out.release();
    }

    private static InputStream decoder(ContentCoding coding, InputStream in) throws IOException {
        return switch (coding) {
            case GZIP -> new GZIPInputStream(in);
            case BROTLI -> new BrotliInputStream(in);
            case ZSTD -> new ZstdInputStream(in);
        };
    }

    private static byte[] text(Random random, int length) {
        byte[] text = new byte[length];
        boolean random16 = random.nextBoolean();
        for (int i = 0; i < length; i++) {
            text[i] = (byte) (random16 ? random.nextInt(16) : random.nextInt());
        }
        return text;
    }

    @ParameterizedTest
    @EnumSource
    void whatWasWrittenComesOutWhateverTheParts(ContentCoding coding) throws Exception {
        assertThat(ContentCodings.available(List.of(coding))).containsExactly(coding);
        for (int seed = 0; seed < 60; seed++) {
            Random random = new Random(seed);
            CompressionLevels levels =
                    new CompressionLevels(1 + random.nextInt(9), random.nextInt(8), 1 + random.nextInt(9));
            ByteArrayOutputStream plain = new ByteArrayOutputStream();
            encoded.reset();
            try (ContentEncoder encoder = ContentCodings.encoder(coding, levels, PooledByteBufAllocator.DEFAULT)) {
                for (int parts = random.nextInt(12); parts > 0; parts--) {
                    byte[] part = text(random, random.nextInt(random.nextInt(8) == 0 ? 300_000 : 3_000));
                    plain.writeBytes(part);
                    keep(encoder.write(part(random, part)));
                    assertThat(encoder.isDirty() || part.length == 0).isTrue();
                    if (random.nextInt(3) == 0) {
                        keep(encoder.flush());
                        assertThat(encoder.isDirty()).isFalse();
                    }
                }
                keep(encoder.end());
            }
            try (InputStream in = decoder(coding, new ByteArrayInputStream(encoded.toByteArray()))) {
                assertThat(in.readAllBytes()).as("seed %d", seed).isEqualTo(plain.toByteArray());
            }
        }
    }

    private static ByteBuf part(Random random, byte[] bytes) {
        return switch (random.nextInt(3)) {
            case 0 -> Unpooled.copiedBuffer(bytes);
            case 1 -> PooledByteBufAllocator.DEFAULT.directBuffer().writeBytes(bytes);
            default -> {
                int half = bytes.length / 2;
                yield PooledByteBufAllocator.DEFAULT
                        .compositeDirectBuffer()
                        .addComponent(
                                true,
                                PooledByteBufAllocator.DEFAULT.directBuffer().writeBytes(bytes, 0, half))
                        .addComponent(
                                true,
                                PooledByteBufAllocator.DEFAULT
                                        .directBuffer()
                                        .writeBytes(bytes, half, bytes.length - half));
            }
        };
    }
}
