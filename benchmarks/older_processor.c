/* Hides a processor's instructions newer than AVX2 from what is run with it, to measure how an
   older one would answer and, nearly, how fast. Linux on x86-64 with CPUID faulting
   (`grep -c cpuid_fault /proc/cpuinfo`).

       gcc -shared -fPIC -o older_processor.so benchmarks/older_processor.c
       LD_PRELOAD=$PWD/older_processor.so .venv/bin/python benchmarks/runtimes.py --data FER2013

   Programs ask the processor what it knows by the instruction CPUID. Here it faults, and the
   answer is told without AVX-512, VNNI, AMX and AVX-VNNI. What the loader and the C library chose
   before stays as it is; a program that handles SIGSEGV itself, as pytest does, cannot be run so. */
#define _GNU_SOURCE
#include <asm/prctl.h>
#include <cpuid.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

enum { FAULT = 0, ANSWER = 1 };
enum { FEATURES = 7 }; /* the leaf of CPUID that tells what came with AVX2 and later */

static const uint32_t EBX = 1u << 16 | 1u << 17 | 1u << 21 | 1u << 26 | 1u << 27 | 1u << 28 |
                            1u << 30 | 1u << 31; /* AVX-512 F, DQ, IFMA, PF, ER, CD, BW, VL */
static const uint32_t ECX = 1u << 1 | 1u << 6 | 1u << 11 | 1u << 12 |
                            1u << 14; /* AVX-512 VBMI, VBMI2, VNNI, BITALG, VPOPCNTDQ */
static const uint32_t EDX = 1u << 2 | 1u << 3 | 1u << 8 | 1u << 22 | 1u << 23 |
                            1u << 24 | 1u << 25; /* AVX-512 4VNNIW, 4FMAPS, VP2INTERSECT, FP16; AMX */

static void cpuid(int mode) { syscall(SYS_arch_prctl, ARCH_SET_CPUID, mode); }

static void answer(int number, siginfo_t *info, void *context) {
    (void)number, (void)info;
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    const uint8_t *code = (const uint8_t *)registers[REG_RIP];
    if (code[0] != 0x0f || code[1] != 0xa2) { /* a real fault: let it happen again, and end */
        signal(SIGSEGV, SIG_DFL);
        return;
    }
    uint32_t leaf = registers[REG_RAX], part = registers[REG_RCX], a, b, c, d;
    cpuid(ANSWER);
    __cpuid_count(leaf, part, a, b, c, d);
    cpuid(FAULT);
    if (leaf == FEATURES && part == 0) b &= ~EBX, c &= ~ECX, d &= ~EDX;
    if (leaf == FEATURES && part == 1) a = d = 0; /* AVX-VNNI and its kin */
    registers[REG_RAX] = a, registers[REG_RBX] = b, registers[REG_RCX] = c, registers[REG_RDX] = d;
    registers[REG_RIP] += 2;
}

__attribute__((constructor)) static void begin(void) {
    struct sigaction action = {.sa_sigaction = answer, .sa_flags = SA_SIGINFO | SA_NODEFER};
    sigaction(SIGSEGV, &action, 0);
    if (syscall(SYS_arch_prctl, ARCH_SET_CPUID, FAULT)) {
        perror("This processor cannot hide what it knows");
        _exit(1);
    }
}
