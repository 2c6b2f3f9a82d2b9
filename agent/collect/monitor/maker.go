package monitor

// maker names the maker with the given code of the PNP registry
// (uefi.org/PNP_ID_List), as people know it; codes that are not listed stand
// for themselves.
func maker(code string) string {
	name := map[string]string{
		"AAC": "AcerView", "ACI": "ASUS", "ACR": "Acer", "AOC": "AOC", "API": "Acer", "APP": "Apple", "AUO": "AU Optronics",
		"AUS": "ASUS", "BNQ": "BenQ", "BOE": "BOE", "CMN": "Chimei Innolux", "CMO": "Chi Mei Optoelectronics",
		"CND": "Canon", "CPQ": "Compaq", "CRO": "Extron", "CSO": "CSOT", "CTX": "CTX", "DEL": "Dell", "DON": "Denon",
		"DPC": "Delta", "EIZ": "EIZO", "ELO": "Elo", "ENC": "EIZO", "EPI": "Envision", "EXN": "Extron", "FCM": "Funai",
		"FUS": "Fujitsu Siemens", "GBT": "Gigabyte", "GSM": "LG", "GWY": "Gateway", "HAI": "Haier", "HEI": "Hyundai",
		"HKC": "HKC", "HPN": "HP", "HSD": "HannStar", "HSJ": "HannStar", "HWP": "HP", "HWV": "Huawei", "IBM": "IBM",
		"ITE": "ITE", "IVM": "Iiyama", "IVO": "InfoVision", "LCD": "Toshiba Matsushita", "LEN": "Lenovo", "LGD": "LG Display",
		"LHC": "Denver", "LPL": "LG Philips", "MAX": "Belinea", "MEI": "Panasonic", "MED": "Medion", "MEL": "Mitsubishi",
		"MSI": "MSI", "NEC": "NEC", "NVD": "NVIDIA", "ONK": "Onkyo", "OPT": "Optoma", "PHL": "Philips", "PIO": "Pioneer",
		"PLN": "Planar", "PNR": "Planar", "RHT": "Red Hat", "SAM": "Samsung", "SDC": "Samsung Display", "SEC": "Samsung",
		"SHP": "Sharp", "SNY": "Sony", "STN": "Samtron", "TAT": "Tatung", "TCL": "TCL", "TMX": "Tianma", "TOS": "Toshiba",
		"TSB": "Toshiba", "VES": "Vestel", "VIZ": "Vizio", "VSC": "ViewSonic", "WAC": "Wacom", "XMI": "Xiaomi", "YMH": "Yamaha",
	}[code]
	if name == "" {
		return code
	}
	return name
}
