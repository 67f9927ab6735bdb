package io.foretell.tensor;

import static java.lang.invoke.MethodType.methodType;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Float16Test {
    private static final int INFINITY = 0x7c00;
    private static final int BFLOAT_INFINITY = 0x7f80;

    @Test
    void toFloat_ofEveryHalf_isItsValue() {
        for (int bits = 0; bits <= 0xffff; bits++) {
            float actual = Float16.toFloat((short) bits);

            if ((bits & 0x7fff) > INFINITY) {
                assertThat(actual).isNaN();
            } else {
                // Compared as bits, for the sign of zero.
                assertSame(actual, (bits & 0x8000) == 0 ? value(bits) : -value(bits & 0x7fff), bits);
            }
        }
    }

    /** By the definition of the format, in double arithmetic; the value after the largest is 65536. */
    private static float value(int bits) {
        int exponent = bits >> 10;
        double fraction = (bits & 0x3ff) / 1024.0;
        if (bits == INFINITY) {
            return Float.POSITIVE_INFINITY;
        }
        return (float) (exponent == 0 ? fraction * Math.pow(2, -14) : (1 + fraction) * Math.pow(2, exponent - 15));
    }

    private static void assertSame(float actual, float expected, int input) {
        if (Float.floatToRawIntBits(actual) != Float.floatToRawIntBits(expected)) {
            throw new AssertionError(Integer.toHexString(input) + ": " + actual + ", expected " + expected);
        }
    }

    @Test
    void fromFloat_ofEveryHalf_isThatHalf() {
        for (int bits = 0; bits <= 0xffff; bits++) {
            boolean nan = (bits & 0x7fff) > INFINITY;

            assertBits(Float16.fromFloat(Float16.toFloat((short) bits)), nan ? bits | 0x200 : bits, bits);
        }
    }

    private static void assertBits(short actual, int expected, int input) {
        if ((actual & 0xffff) != (expected & 0xffff)) {
            throw new AssertionError(Integer.toHexString(input) + ": " + Integer.toHexString(actual & 0xffff)
                    + ", expected " + Integer.toHexString(expected & 0xffff));
        }
    }

    @Test
    void fromFloat_aroundEveryMidpoint_roundsToNearestEven() {
        for (int low = 0; low < INFINITY; low++) {
            int high = low + 1;
            float above = high == INFINITY ? 65536 : value(high);
            float midpoint = (float) (((double) value(low) + above) / 2);

            assertRounded(midpoint, (low & 1) == 0 ? low : high);
            assertRounded(Math.nextDown(midpoint), low);
            assertRounded(Math.nextUp(midpoint), high);
        }
    }

    private static void assertRounded(float value, int expected) {
        assertBits(Float16.fromFloat(value), expected, Float.floatToRawIntBits(value));
        assertBits(Float16.fromFloat(-value), expected | 0x8000, Float.floatToRawIntBits(-value));
    }

    @Test
    void fromFloat_ofExtremes_saturatesOrVanishes() {
        assertRounded(Float.POSITIVE_INFINITY, INFINITY);
        assertRounded(Float.MAX_VALUE, INFINITY);
        assertRounded(Float.MIN_VALUE, 0);
        assertRounded(0, 0);
        // A NaN whose payload lies below the half's stays one.
        assertThat(Float16.toFloat(Float16.fromFloat(Float.intBitsToFloat(0x7f800001))))
                .isNaN();
    }

    @Test
    void conversions_agreeWithTheJdks() throws Throwable {
        MethodHandle widen = jdk("float16ToFloat", float.class, short.class);
        MethodHandle narrow = jdk("floatToFloat16", short.class, float.class);
        for (int bits = 0; bits <= 0xffff; bits++) {
            float expected = (float) widen.invokeExact((short) bits);
            if (!Float.isNaN(expected)) { // The processor may quiet a NaN, or not.
                assertSame(Float16.toFloat((short) bits), expected, bits);
            }
        }
        Random random = new Random(16);
        for (int i = 0; i < 1_000_000; i++) {
            float value = Float.intBitsToFloat(random.nextInt());
            if (!Float.isNaN(value)) {
                assertBits(Float16.fromFloat(value), (short) narrow.invokeExact(value), Float.floatToRawIntBits(value));
            }
        }
    }

    private static MethodHandle jdk(String name, Class<?> result, Class<?> argument) throws IllegalAccessException {
        try {
            return MethodHandles.lookup().findStatic(Float.class, name, methodType(result, argument));
        } catch (NoSuchMethodException before20) {
            return abort("this JDK has no Float." + name);
        }
    }

    @Test
    void bfloatToFloat_ofEveryBfloat_isItsUpperHalf() {
        for (int bits = 0; bits <= 0xffff; bits++) {
            float value = Float16.bfloatToFloat((short) bits);
            boolean nan = (bits & 0x7fff) > BFLOAT_INFINITY;

            assertSame(value, Float.intBitsToFloat(bits << 16), bits);
            assertBits(Float16.bfloatFromFloat(value), nan ? bits | 0x40 : bits, bits);
        }
    }

    @Test
    void bfloatFromFloat_aroundEveryMidpoint_roundsToNearestEven() {
        for (int low = 0; low < BFLOAT_INFINITY; low++) {
            int high = low + 1;
            int midpoint = low << 16 | 0x8000;

            assertBfloat(midpoint, (low & 1) == 0 ? low : high);
            assertBfloat(midpoint - 1, low);
            assertBfloat(midpoint + 1, high);
        }
    }

    private static void assertBfloat(int floatBits, int expected) {
        float value = Float.intBitsToFloat(floatBits);
        assertBits(Float16.bfloatFromFloat(value), expected, floatBits);
        assertBits(Float16.bfloatFromFloat(-value), expected | 0x8000, floatBits);
    }

    @Test
    void bfloatFromFloat_ofEveryKindOfNaN_staysNaN() {
        for (int bits : new int[] {0x7f800001, 0xff800001, 0x7fffffff, 0xffffffff, 0x7fc00000}) {
            short converted = Float16.bfloatFromFloat(Float.intBitsToFloat(bits));

            assertThat(Float16.bfloatToFloat(converted)).isNaN();
            assertThat(converted < 0).isEqualTo(bits < 0);
        }
    }
}
