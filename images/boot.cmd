# The same on a Pi and in emulation: the proven slot, or for one start another that is to prove itself.
# devtype, devnum and distro_bootpart are those of the partition this was read from.
setenv slot A
if load ${devtype} ${devnum}:${distro_bootpart} ${scriptaddr} slot.env && env import -c ${scriptaddr} ${filesize} slot; then
	true
elif load ${devtype} ${devnum}:${distro_bootpart} ${scriptaddr} slot.bak && env import -c ${scriptaddr} ${filesize} slot; then
	true
fi
setenv try ""
if load ${devtype} ${devnum}:${distro_bootpart} ${scriptaddr} try.env; then
	env import -c ${scriptaddr} ${filesize} try
	# Forgotten before it is tried: what does not come up is not tried again.
	mw.b ${scriptaddr} 0 0x400
	fatwrite ${devtype} ${devnum}:${distro_bootpart} ${scriptaddr} try.env 0x400
fi
if test "${try}" = A -o "${try}" = B; then
	setenv slot ${try}
fi
if test "${slot}" = B; then
	setenv part 3
else
	setenv slot A
	setenv part 2
fi
if test -z "${fdt_addr}"; then
	setenv fdt_addr ${fdtcontroladdr}
fi
# A boot loader's own distance between kernel and initramfs is too small for a kernel of today.
setexpr ramdisk_addr_r ${kernel_addr_r} + 0x4000000
# A Pi's serial pins belong to RS-485: nothing is printed and nobody logs in there. An emulated machine is many
# times slower than the watchdog of a Pi is patient.
if test "${board}" = qemu-arm; then
	setenv hems_args "console=ttyAMA0 systemd.watchdog_sec=180"
else
	setenv hems_args "console=tty1"
fi
echo "hems: slot ${slot}"
setenv bootargs "root=PARTUUID=48454d53-0${part} rootfstype=ext4 ro hems.slot=${slot} panic=10 quiet net.ifnames=0 ${hems_args}"
if load ${devtype} ${devnum}:${part} ${kernel_addr_r} /boot/vmlinuz && load ${devtype} ${devnum}:${part} ${ramdisk_addr_r} /boot/initrd.img; then
	booti ${kernel_addr_r} ${ramdisk_addr_r}:${filesize} ${fdt_addr}
fi
echo "hems: slot ${slot} has no kernel"
sleep 3
reset
